using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Session;

public class SessionTableTests
{
    /// <summary>Few hashes and few slots: long runs, runs that wrap around, gaps in all of them.</summary>
    [Fact]
    public void RandomHistory_WithKeysThatCollide_IsTheDictionaryToTheLastEntry() =>
        Prop.ForAll(
            Gen.Choose(0, 999).ArrayOf().ToArbitrary(),
            history =>
            {
                var table = new SessionTable(SessionTable.LeastCapacity);
                var reference = new Dictionary<string, int>();
                foreach (int step in history)
                {
                    string key = $"{step % 25}";
                    int hash = step % 25 % 7 * 5;
                    int slot = table.Find(key, hash);
                    Assert.Equal(reference.ContainsKey(key), slot >= 0);
                    if (slot >= 0)
                    {
                        Assert.Equal(reference[key], table[slot].Value);
                        table.RemoveAt(slot);
                        reference.Remove(key);
                    }
                    else
                    {
                        int capacity = SessionTable.CapacityFor(table.Count + 1);
                        if (capacity > table.Capacity || step % 10 == 0)
                        {
                            table.MoveTo(capacity);
                        }

                        table.Add(new SessionEntry { Key = key, Hash = hash, Value = step });
                        reference[key] = step;
                    }

                    Assert.Equal(reference.Count, table.Count);
                    Assert.Equal(
                        reference.OrderBy(e => e.Key),
                        table.Slots.ToArray().Where(e => e.Key is not null).Select(e => KeyValuePair.Create(e.Key!, (int)e.Value!)).OrderBy(e => e.Key));
                }
            }).Check(Stress.Config(endSize: 300));

    [Fact]
    public void CapacityFor_AnyCount_IsAPowerOfTwoThatIsNeverFull()
    {
        for (int count = 0; count < 5000; count++)
        {
            int capacity = SessionTable.CapacityFor(count);
            Assert.True(System.Numerics.BitOperations.IsPow2(capacity) && count < capacity && count <= Math.Max(3, capacity * 7 / 8));
            Assert.True(capacity == SessionTable.LeastCapacity || count > capacity / 2 * 7 / 8 || count >= (capacity / 2) - 1);
        }
    }

    [Fact]
    public void BytesOf_Table_IsWhatItAllocates() =>
        Assert.Equal(SessionTable.BytesOf(64), HeapLayout.InstanceBytesByAllocation(static () => new SessionEntry[64]));
}
