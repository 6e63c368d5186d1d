using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Threading;

public class BriefLockTests
{
    private BriefLock _lock;
    private long _first;
    private long _second;

    [Fact]
    public void EnterScope_ByFourThreads_LetsOneInAtATime()
    {
        const int Rounds = 200_000;

        Threaded.Run(4, _ =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using (_lock.EnterScope())
                {
                    Assert.Equal(_first, _second);
                    _first++;
                    _second++;
                }
            }
        });

        Assert.Equal((4L * Rounds, 4L * Rounds), (_first, _second));
    }

    [Fact]
    public void Dispose_AfterAnException_HasLeft()
    {
        void Fail()
        {
            using (_lock.EnterScope())
            {
                throw new InvalidOperationException();
            }
        }

        Assert.Throws<InvalidOperationException>(Fail);

        using (_lock.EnterScope())
        {
            _first++;
        }

        Assert.Equal(1, _first);
    }
}
