using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;

namespace BoundedMemory.Benchmarks;

/// <summary>Does the time in which the endpoint for operators decides about a request say anything about the token?</summary>
[MemoryDiagnoser]
public class AdminTokenBenchmarks
{
    private const string Token = "correct-horse-battery-staple-0123456789";

    private readonly AdminToken _token = new(Token);
    private readonly HttpRequest _right = Presenting(Token);
    private readonly HttpRequest _wrongFirst = Presenting($"x{Token[1..]}");
    private readonly HttpRequest _wrongLast = Presenting($"{Token[..^1]}x");
    private readonly HttpRequest _missing = new DefaultHttpContext().Request;
    private readonly HttpRequest _short = Presenting(Token[..8]);
    private readonly HttpRequest _overlong = Presenting(Token + new string('x', 6000));

    [Benchmark(Baseline = true)]
    public bool Right() => _token.IsPresentedBy(_right, isQueryAllowed: false);

    [Benchmark]
    public bool WrongInFirst() => _token.IsPresentedBy(_wrongFirst, isQueryAllowed: false);

    [Benchmark]
    public bool WrongInLast() => _token.IsPresentedBy(_wrongLast, isQueryAllowed: false);

    [Benchmark]
    public bool Missing() => _token.IsPresentedBy(_missing, isQueryAllowed: false);

    [Benchmark]
    public bool Short() => _token.IsPresentedBy(_short, isQueryAllowed: false);

    [Benchmark]
    public bool Overlong() => _token.IsPresentedBy(_overlong, isQueryAllowed: false);

    private static HttpRequest Presenting(string token)
    {
        HttpRequest request = new DefaultHttpContext().Request;
        request.Headers.Authorization = $"Bearer {token}";
        return request;
    }
}
