using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.Tests.Documentation;

/// <summary>The examples of the documentation, with what they need around them. <see cref="ExamplesTests"/> holds the two together.</summary>
internal static partial class Examples
{
    public static async Task RunAll()
    {
        Cache();
        Ring();
        ConcurrentRing();
        await RingWithArchive();
        CacheWithTiers();
        Budget();
        Reservation(new MemoryBudget(20_000_000));
        Size(new Order([new Product("book")]));
        Lease();
        await Readme(new HttpClient(new Pages()) { BaseAddress = new Uri("http://localhost") });
        DependencyInjection(new ServiceCollection());
        await Hub();
        await Queue();
        ConflatingQueue();
        Conversation();
