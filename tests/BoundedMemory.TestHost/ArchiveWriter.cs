using System.Globalization;
using System.Text.Json.Serialization;

namespace BoundedMemory.TestHost;

/// <summary>Adds items to a ring with an archive until it is killed, and says after each flush how far that reached. Arguments: a directory, the number
/// of the first item, and the bytes of a file.</summary>
internal static partial class ArchiveWriter
{
    public static async Task<int> Run(string directory, int first, int fileBytes)
    {
        using var archive = new JsonLinesArchive<Reading>(
            new() { Directory = directory, MaxBytes = 1_000_000_000, MaxFiles = 10_000, MaxFileBytes = fileBytes }, ReadingJson.Default.Reading);
        using var ring = new ConcurrentRingBuffer<Reading>(new() { MaxCount = 100_000, Archive = archive });
        for (int number = first; ; number++)
        {
            ring.Add(Reading.Of(number));
            if (number % 97 == 0)
            {
                ring.Spill();
                await ring.FlushArchiveAsync().ConfigureAwait(false);
                Console.WriteLine(number.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>An item that knows what it should be.</summary>
    /// <param name="Number">Consecutive.</param>
    /// <param name="Text">Follows from the number, in a length that differs from item to item.</param>
    internal sealed record Reading(int Number, string Text)
    {
        public static Reading Of(int number) => new(number, new string((char)('a' + (number % 26)), number % 300));
    }

    [JsonSerializable(typeof(Reading))]
    internal sealed partial class ReadingJson : JsonSerializerContext;
}
