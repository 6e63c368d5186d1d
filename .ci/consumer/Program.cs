using BoundedMemory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using var cache = new BoundedCache<string, byte[]>(new() { MaxBytes = 1_000_000 });
using var ring = new RingBuffer<string>(new() { MaxCount = 100 });
using var queue = new DropOldestQueue<string>(new() { MaxCount = 100 });
using var hub = new BroadcastHub<EventPayload>(new() { MaxCount = 100 });
using HubSubscription<EventPayload> subscription = hub.Subscribe();
IResult stream = HubResults.EventStream(hub);
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Services.AddMemoryWatchdog(options => options.ProcessLimit = 4_000_000_000);
builder.Services.AddMemoryPressureLimiter().AddBoundedCache<string, int>("numbers", options => options.MaxCount = 10);
using IHost host = builder.Build();
await host.StartAsync();
var numbers = host.Services.GetRequiredService<BoundedCache<string, int>>();
bool isWatched = host.Services.GetRequiredService<MemoryWatchdog>().Consumers.Contains(numbers);
var pressure = host.Services.GetRequiredService<MemoryPressureLimiter>();
bool isAnswered = pressure.AttemptAcquire().IsAcquired == (pressure.GetStatistics().TotalSuccessfulLeases == 1);
await host.StopAsync();
for (int i = 0; i < 10_000; i++)
{
    cache.Set($"key {i}", new byte[1000]);
    ring.Add($"item {i}");
    queue.Enqueue($"item {i}");
    hub.Publish(EventPayload.FromText($"event {i}"));
}

Console.WriteLine($"{cache.Count} entries in {cache.Bytes} of {cache.MaxBytes} bytes, {cache.Statistics.Evicted} evicted.");
Console.WriteLine($"{ring.Count} items in a ring, {queue.Count} in a queue, {hub.Count} messages in a hub for {hub.Subscribers} subscriber.");
return cache.Bytes <= 1_000_000 && cache.TryGet("key 9999", out _)
    && ring[0] == "item 9900"
    && queue.TryDequeue(out string? oldest) && oldest == "item 9900"
    && subscription.TryRead(out HubMessage<EventPayload> message) && message is { Missed: 9900 }
    && isWatched && isAnswered && stream is not null ? 0 : 1;
