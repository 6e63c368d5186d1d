using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Prints the hashes of some keys, which differ from process to process.</summary>
internal static class KeyHashes
{
    public static int Run()
    {
        var strings = new KeyHasher<string>(null);
        var numbers = new KeyHasher<long>(null);
        for (int i = 0; i < 10; i++)
        {
            Console.WriteLine(strings.Hash(string.Create(CultureInfo.InvariantCulture, $"key {i}")));
            Console.WriteLine(numbers.Hash(i));
        }

        return 0;
    }
}
