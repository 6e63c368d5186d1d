using System.Net;
using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>Who is let in, and what the others learn: nothing.</summary>
public class AdminTokenTests
{
    private const string Token = AdminServer.Token;

    /// <summary>All that is not the token, in one header, in several or in none.</summary>
    public static TheoryData<string> NotTheToken => new(
        "",
        "Authorization: \n",
        "Authorization: Bearer\n",
        "Authorization: Bearer \n",
        "Authorization: Bearer wrong\n",
        $"Authorization: Bearer x{Token[1..]}\n",
        $"Authorization: Bearer {Token[..^1]}x\n",
        $"Authorization: Bearer {Token[..^1]}\n",
        $"Authorization: Bearer {Token}x\n",
        $"Authorization: Bearer {Token.ToUpperInvariant()}\n",
        $"Authorization: Bearer {Token} {Token}\n",
        $"Authorization: Bearer {Token}, Bearer {Token}\n",
        $"Authorization: Bearer \"{Token}\"\n",
        $"Authorization: Bearer {new string('x', 256)}\n",
        $"Authorization: Bearer {new string('x', 257)}\n",
        $"Authorization: Bearer {Token}{new string('x', 6000)}\n",
        $"Authorization: {Token}\n",
        $"Authorization: Bearer{Token}\n",
        $"Authorization: Basic {Token}\n",
        $"Authorization: Bearer {Token}\nAuthorization: Bearer {Token}\n",
        $"Authorization: Bearer {Token}\nAuthorization: Bearer wrong\n",
        $"Authorization: Bearer \u00c4{Token}\n",
        $"X-Authorization: Bearer {Token}\n",
        $"Cookie: admin_token={Token}\n");

    [Theory]
    [MemberData(nameof(NotTheToken))]
    public async Task Request_WithoutTheToken_GetsTheSameWhateverItPresentsAndAsks(string headers)
    {
        await using AdminServer server = await AdminServer.StartAsync();
        string[] requests =
        [
            $"GET {AdminServer.Path}", $"GET {AdminServer.Path}?admin_token={Token}", $"POST {AdminServer.Path}", $"DELETE {AdminServer.Path}", $"OPTIONS {AdminServer.Path}",
            $"GET {AdminServer.Path}/trim", $"POST {AdminServer.Path}/trim", $"POST {AdminServer.Path}/trim?admin_token={Token}", $"POST {AdminServer.Path}/clear?part=nothing",
            $"POST {AdminServer.Path}/clear?part=all&part=all", $"PUT {AdminServer.Path}/clear",
        ];
        foreach (string request in requests)
        {
            Assert.Equal((request, AdminServer.Unauthorized), (request, await server.SendAsync(request, headers)));
        }
    }

    [Fact]
    public async Task Request_WithoutTheToken_GetsNoBodyFromPagesForStatusCodesEither()
    {
        await using AdminServer server = await AdminServer.StartMappedAsync(app =>
        {
            app.UseStatusCodePages();
            app.MapBoundedMemory(configure: options => options.Token = Token);
        });
        Assert.Equal(AdminServer.Unauthorized, await server.SendAsync($"GET {AdminServer.Path}", ""));
        Assert.Contains("Status Code: 404", await server.SendAsync("GET /nothing", ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    [InlineData("Bearer  ")]
    public async Task Request_WithTheToken_IsLetIn(string scheme)
    {
        await using AdminServer server = await AdminServer.StartAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await server.SendAsync($"GET {AdminServer.Path}", $"Authorization: {scheme} {Token}\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_WhereItIsAllowed_LetsInToRead()
    {
        await using AdminServer server = await AdminServer.StartAsync(configure: options => options.AllowQueryToken = true);
        string query = $"?admin_token={Token}";
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await server.SendAsync($"GET {AdminServer.Path}{query}", ""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await server.SendAsync($"GET {AdminServer.Path}?x=1&admin_token={Token}", ""), StringComparison.Ordinal);
        (string Request, string Headers)[] refused =
        [
            ($"GET {AdminServer.Path}?admin_token=wrong", ""),
            ($"GET {AdminServer.Path}?admin_token={Token}&admin_token={Token}", ""),
            ($"GET {AdminServer.Path}?token={Token}", ""),
            ($"GET {AdminServer.Path}{query}", "Authorization: Bearer wrong\n"),
            ($"POST {AdminServer.Path}{query}", ""),
            ($"POST {AdminServer.Path}/trim{query}", ""),
            ($"POST {AdminServer.Path}/clear{query}", ""),
            ($"GET {AdminServer.Path}/clear{query}", ""),
        ];
        foreach ((string request, string headers) in refused)
        {
            Assert.Equal((request, AdminServer.Unauthorized), (request, await server.SendAsync(request, headers)));
        }
    }

    [Fact]
    public void AnyText_IsLetInOnlyIfItIsTheToken()
    {
        Gen<char> visible = Gen.Choose('!', '~').Select(c => (char)c);
        Gen<string> legal = Gen.Choose(AdminToken.LeastLength, AdminToken.MostLength).SelectMany(length => visible.ArrayOf(length)).Select(c => new string(c));
        Gen<(string, string)> similar = from token in legal
                                        from kind in Gen.Choose(0, 6)
                                        from at in Gen.Choose(0, token.Length - 1)
                                        from other in Gen.Choose(0, char.MaxValue).Select(c => (char)c)
                                        from length in Gen.Choose(1, 1000)
                                        select (token, kind switch
                                        {
                                            0 => token,
                                            1 => token[..at],
                                            2 => $"{token[..at]}{other}{token[(at + 1)..]}",
                                            3 => token.Insert(at, other.ToString()),
                                            4 => token + new string(other, length),
                                            5 => $"{token[..at]}{(char)(token[at] + 256)}{token[(at + 1)..]}",
                                            _ => new string(other, length),
                                        });
        Prop.ForAll(similar.ToArbitrary(), static pair =>
        {
            (string token, string presented) = pair;
            Assert.True(AdminToken.IsLegal(token));
            var request = new DefaultHttpContext().Request;
            request.Headers.Authorization = $"Bearer {presented}";
            bool isToken = string.Equals(token, presented.TrimStart(' '), StringComparison.Ordinal);
            Assert.Equal(isToken, new AdminToken(token).IsPresentedBy(request, isQueryAllowed: false));
            Assert.Equal(token == presented, new AdminToken(token).Matches(presented));
        }).Check(Stress.Config(cases: 1000));
    }

    [Fact]
    public async Task Token_Null_NothingIsThere()
    {
        await using AdminServer server = await AdminServer.StartMappedAsync(app => app.MapBoundedMemory().RequireHost("localhost"));
        foreach (string method in (string[])["GET", "POST"])
        {
            string unknown = await server.SendAsync($"{method} /api/admin/nothing", $"Authorization: Bearer {Token}\n");
            Assert.StartsWith("HTTP/1.1 404", unknown, StringComparison.Ordinal);
            foreach (string path in (string[])["", "/trim", "/clear"])
            {
                Assert.Equal(unknown, await server.SendAsync($"{method} {AdminServer.Path}{path}", $"Authorization: Bearer {Token}\n"));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("                    ")]
    [InlineData("fifteen-letters")]
    [InlineData("with a blank inside it")]
    [InlineData("m\u00fct-Umlaut-sechzehn")]
    public async Task Token_ThatIsNone_IsAnErrorThatDoesNotShowIt(string token)
    {
        await using WebApplication app = WebApplication.CreateSlimBuilder().Build();
        ArgumentException error = Assert.Throws<ArgumentException>(() => app.MapBoundedMemory(configure: options => options.Token = token));
        Assert.Contains("Token must be null, or 16 to 256 visible ASCII characters; it is not shown.", error.Message, StringComparison.Ordinal);
        Assert.True(token.Length == 0 || !error.ToString().Contains(token, StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => app.MapBoundedMemory(configure: options => options.Token = new string('x', 257)));
        app.MapBoundedMemory("/shortest", options => options.Token = new string('x', 16));
        app.MapBoundedMemory("/longest", options => options.Token = new string('x', 256));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_001)]
    public async Task MaxParts_OutOfRange_IsAnErrorEvenWithoutAToken(int maxParts)
    {
        await using WebApplication app = WebApplication.CreateSlimBuilder().Build();
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => app.MapBoundedMemory(configure: options => options.MaxParts = maxParts));
        Assert.Contains($"MaxParts must be from 1 to 100000; it is {maxParts}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_Null_Throw()
    {
        await using WebApplication app = WebApplication.CreateSlimBuilder().Build();
        Assert.Throws<ArgumentNullException>("endpoints", () => default(IEndpointRouteBuilder)!.MapBoundedMemory());
        Assert.Throws<ArgumentNullException>("pattern", () => app.MapBoundedMemory(null!));
    }

    [Fact]
    public async Task Options_FromConfigurationAndThenFromCode_Count()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection([new("Token", Token), new("AllowQueryToken", "true")]).Build();
        await using AdminServer server = await AdminServer.StartMappedAsync(
            app => app.MapBoundedMemory("/other", options => options.AllowQueryToken = options.Token != Token),
            services => services.Configure<BoundedMemoryAdminOptions>(section));
        Assert.Equal(AdminServer.Unauthorized, await server.SendAsync($"GET /other?admin_token={Token}", ""));
        Assert.StartsWith("HTTP/1.1 200", await server.SendAsync("GET /other", $"Authorization: Bearer {Token}\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_OnceMapped_AreNotKept()
    {
        WeakReference? options = null;
        await using AdminServer server = await AdminServer.StartAsync(configure: given => options = new WeakReference(given));
        await server.GetAsync();
        Patience.Until(() =>
        {
            GC.Collect();
            return !options!.IsAlive;
        });
    }

    [Fact]
    public async Task Conventions_OfWhatIsReturned_CountForAllRoutes()
    {
        await using AdminServer server = await AdminServer.StartMappedAsync(
            app => app.MapBoundedMemory(configure: options => options.Token = Token).RequireHost("operators.example"));
        foreach (string path in (string[])["", "/trim", "/clear"])
        {
            Assert.StartsWith("HTTP/1.1 404", await server.SendAsync($"POST {AdminServer.Path}{path}", ""), StringComparison.Ordinal);
            Assert.StartsWith(
                "HTTP/1.1 401", await server.SendAsync($"POST {AdminServer.Path}{path} HTTP/1.1\nHost: operators.example\nConnection: close\n\n"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("HEAD", "", "GET")]
    [InlineData("POST", "", "GET")]
    [InlineData("OPTIONS", "", "GET")]
    [InlineData("GET", "/trim", "POST")]
    [InlineData("DELETE", "/clear", "POST")]
    public async Task Method_Wrong_IsToldToWhoeverHasTheToken(string method, string path, string allowed)
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), AdminServer.Path + path);
        using HttpResponseMessage response = await server.Http.SendAsync(request).Soon();
        Assert.Equal((HttpStatusCode.MethodNotAllowed, allowed), (response.StatusCode, Assert.Single(response.Content.Headers.Allow)));
    }

    [Theory]
    [InlineData("Content-Length: 1000000\n")]
    [InlineData("Content-Length: 100\n")]
    public async Task Body_OfARequestWithoutTheToken_IsNotWaitedFor(string length)
    {
        await using AdminServer server = await AdminServer.StartAsync();
        string answer = await server.SendAsync($"POST {AdminServer.Path}/trim HTTP/1.1\nHost: localhost\n{length}\n");
        Assert.Equal(AdminServer.Unauthorized, answer);
    }
}
