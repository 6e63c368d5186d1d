using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

#pragma warning disable CA2012 // What is tested is the task itself; each is consumed once, when it has ended.

namespace BoundedMemory.Tests.Queue;

public class WaitListTests
{
    [Fact]
    public void WaitAsync_WokenAgainAndAgain_AllocatesNothing()
    {
        var list = new WaitList();
        var own = new Waiter(list);
        using var cancellation = new CancellationTokenSource();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                ValueTaskAwaiter pooled = list.Enlist().WaitAsync(cancellation.Token).GetAwaiter();
                list.Enlist(own);
                ValueTaskAwaiter owned = own.WaitAsync(cancellation.Token).GetAwaiter();
                Assert.False(pooled.IsCompleted || owned.IsCompleted);
                list.WakeOne();
                Assert.True(pooled.IsCompleted);
                Assert.False(owned.IsCompleted);
                list.WakeAll();
                pooled.GetResult();
                owned.GetResult();
                list.Withdraw(list.Enlist());
            }
        }));
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public async Task WakeOne_Several_WakesInTheirOrderButThoseThatLeft()
    {
        var list = new WaitList();
        using var cancellation = new CancellationTokenSource();
        Task first = list.Enlist().WaitAsync(default).AsTask();
        Task cancelled = list.Enlist().WaitAsync(cancellation.Token).AsTask();
        Waiter gone = list.Enlist();
        Task third = list.Enlist().WaitAsync(default).AsTask();
        Waiter mine = new(list);
        list.Enlist(mine);
        Task fourth = mine.WaitAsync(default).AsTask();

        list.Withdraw(gone);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());
        Assert.Equal(3, list.Count);
        Assert.True(list.WakeOne());
        await first.Soon();
        Assert.False(third.IsCompleted);
        Assert.True(list.TryWake(mine));
        Assert.False(list.TryWake(mine));
        await fourth.Soon();
        Assert.True(list.WakeOne());
        await third.Soon();
        Assert.False(list.WakeOne());
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public void WakeOne_TheLast_LowersTheFlag()
    {
        var list = new WaitList();
        long flags = 7;
        _ = list.Enlist();
        _ = list.Enlist();
        list.WakeOne(ref flags, 2);
        Assert.Equal(7, flags);
        list.WakeOne(ref flags, 2);
        Assert.Equal(5, flags);
        _ = list.Enlist();
        list.WakeAll(ref flags, 4);
        Assert.Equal(1, flags);
    }

    [Fact]
    public async Task WaitAsync_TokenCancelledBefore_IsCancelledAtOnce()
    {
        var list = new WaitList();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => list.Enlist().WaitAsync(new CancellationToken(true)).AsTask());
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public async Task WakingAndCancelling_AtTheSameTime_EndEachWaitOnce()
    {
        var list = new WaitList();
        var waiter = new Waiter(list);
        for (int i = 0; i < 3000; i++)
        {
            using var cancellation = new CancellationTokenSource();
            list.Enlist(waiter);
            Task wait = waiter.WaitAsync(cancellation.Token).AsTask();
            bool woken = false;
            Threaded.Run(() => woken = list.WakeOne(), cancellation.Cancel);
            bool wasCancelled = false;
            try
            {
                await wait.Soon();
            }
            catch (OperationCanceledException)
            {
                wasCancelled = true;
            }

            Assert.NotEqual(woken, wasCancelled);
            Assert.True(list.IsEmpty);
        }
    }
}
