using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;

namespace BoundedMemory.Benchmarks;

/// <summary>What does it take to decide about a request to the endpoint for operators, whatever it presents?</summary>
[MemoryDiagnoser]
[MedianColumn]
public class AdminTokenBenchmarks
{
    internal const string Token = "correct-horse-battery-staple-0123456789";

    private readonly AdminToken _token = new(Token);

    /// <summary>What may be presented, the token first.</summary>
    internal static (string Name, HttpRequest Request)[] Kinds { get; } =
    [
        ("the token (39 characters)", Presenting(Token)),
        ("wrong in its first character", Presenting($"x{Token[1..]}")),
        ("wrong in its last character", Presenting($"{Token[..^1]}x")),
        ("nothing", new DefaultHttpContext().Request),
        ("its first 8 characters", Presenting(Token[..8])),
        ("it and 6,000 characters more", Presenting(Token + new string('x', 6000))),
    ];

    [Benchmark(Baseline = true)]
    public bool Right() => IsPresentedBy(0);

    [Benchmark]
    public bool WrongInFirst() => IsPresentedBy(1);

    [Benchmark]
    public bool WrongInLast() => IsPresentedBy(2);

    [Benchmark]
    public bool Missing() => IsPresentedBy(3);

    [Benchmark]
    public bool TooShort() => IsPresentedBy(4);

    [Benchmark]
    public bool TooLong() => IsPresentedBy(5);

    private static HttpRequest Presenting(string token)
    {
        HttpRequest request = new DefaultHttpContext().Request;
        request.Headers.Authorization = $"Bearer {token}";
        return request;
    }

    private bool IsPresentedBy(int kind) => _token.IsPresentedBy(Kinds[kind].Request, isQueryAllowed: false);
}
