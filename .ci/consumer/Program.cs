using BoundedMemory;

using var cache = new BoundedCache<string, byte[]>(new() { MaxBytes = 1_000_000 });
for (int i = 0; i < 10_000; i++)
{
    cache.Set($"key {i}", new byte[1000]);
}

Console.WriteLine($"{cache.Count} entries in {cache.Bytes} of {cache.MaxBytes} bytes, {cache.Statistics.Evicted} evicted.");
return cache.Bytes <= 1_000_000 && cache.TryGet("key 9999", out _) ? 0 : 1;
