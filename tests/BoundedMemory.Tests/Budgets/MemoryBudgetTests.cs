namespace BoundedMemory.Tests.Budgets;

public class MemoryBudgetTests
{
    private const long Quantum = MemoryBudget.Quantum;

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Constructor_LimitBelowOne_Throws(long limit)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBudget(limit));
        Assert.Equal("limit", error.ParamName);
        Assert.Contains("must be greater than or equal to '1'", error.Message, StringComparison.Ordinal);
        Assert.Equal(limit, error.ActualValue);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a/b")]
    public void Constructor_BadName_Throws(string name) =>
        Assert.Equal("name", Assert.Throws<ArgumentException>(() => new MemoryBudget(1, name)).ParamName);

    [Fact]
    public void TryReserve_FitsExactly_SucceedsAndNoByteMore()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TryReserve(100));
        Assert.Equal(100, budget.Used);
        Assert.False(budget.TryReserve(1));
        Assert.Equal(100, budget.Used);
        budget.Release(100);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void TryReserve_Negative_Throws()
    {
        var budget = new MemoryBudget(100);
        Assert.Equal("bytes", Assert.Throws<ArgumentOutOfRangeException>(() => budget.TryReserve(-1)).ParamName);
        Assert.Equal("bytes", Assert.Throws<ArgumentOutOfRangeException>(() => budget.Reserve(-1)).ParamName);
        Assert.Equal("bytes", Assert.Throws<ArgumentOutOfRangeException>(() => budget.Release(-1)).ParamName);
    }

    [Fact]
    public void TryReserve_Child_CountsInEveryAncestor()
    {
        var root = new MemoryBudget(10 * Quantum, "root");
        MemoryBudget middle = root.CreateChild("middle");
        MemoryBudget leaf = middle.CreateChild("leaf");

        Assert.True(leaf.TryReserve(3 * Quantum));

        Assert.Equal(3 * Quantum, leaf.Used);
        Assert.InRange(middle.Used, 3 * Quantum, 5 * Quantum);
        Assert.InRange(root.Used, middle.Used, 6 * Quantum);
    }

    [Fact]
    public void TryReserve_SiblingHoldsUnusedCredit_TakesItBack()
    {
        var root = new MemoryBudget(2 * Quantum);
        MemoryBudget first = root.CreateChild("first");
        MemoryBudget second = root.CreateChild("second");

        Assert.True(first.TryReserve(1)); // and a quantum of credit with it

        Assert.True(second.TryReserve((2 * Quantum) - 1));
        Assert.False(second.TryReserve(1));
        Assert.False(first.TryReserve(1));
        Assert.Equal(2 * Quantum, root.Used);
    }

    [Fact]
    public void TryReserve_CousinHoldsUnusedCredit_TakesItBack()
    {
        var root = new MemoryBudget(4 * Quantum);
        MemoryBudget cousin = root.CreateChild("a").CreateChild("b").CreateChild("c");
        MemoryBudget leaf = root.CreateChild("d").CreateChild("e");
        Assert.True(cousin.TryReserve(1));

        Assert.True(leaf.TryReserve((4 * Quantum) - 1));

        Assert.Equal(1, cousin.Used);
        Assert.False(cousin.TryReserve(1));
    }

    [Fact]
    public void TryReserve_OwnCreditAndParentsRestTogetherSuffice_Succeeds()
    {
        var root = new MemoryBudget(100);
        MemoryBudget child = root.CreateChild("child");
        Assert.True(child.TryReserve(60));
        child.Release(60); // stays as credit in the child

        Assert.True(child.TryReserve(100));
        Assert.False(child.TryReserve(1));
    }

    [Fact]
    public void TryReserve_ChildLimit_RefusesWhileParentHasRoom()
    {
        var root = new MemoryBudget(1000);
        MemoryBudget child = root.CreateChild("child", 10);
        Assert.True(child.TryReserve(10));
        Assert.False(child.TryReserve(1));
        Assert.Equal(10, root.Used);
    }

    [Fact]
    public void Reserve_NoRoom_SaysWhoRefusedAndWhy()
    {
        var root = new MemoryBudget(100, "process");
        MemoryBudget child = root.CreateChild("cache").CreateChild("orders", 1000);
        Assert.True(root.TryReserve(40));

        var error = Assert.Throws<MemoryBudgetExceededException>(() => child.Reserve(70));

        Assert.Equal((70, 40, 100, "process"), (error.Requested, error.Used, error.Limit, error.BudgetPath));
        Assert.Contains("'process'", error.Message, StringComparison.Ordinal);
        Assert.Equal("process/cache/orders", child.Path);
        Assert.Equal(0, child.Used);
    }

    [Fact]
    public void Reserve_DisposedTwice_ReleasesOnce()
    {
        var budget = new MemoryBudget(100);
        MemoryReservation reservation = budget.Reserve(30);
        Assert.Equal((30, 30), (reservation.Bytes, budget.Used));
        reservation.Dispose();
        reservation.Dispose();
        Assert.Equal((0, 0), (reservation.Bytes, budget.Used));
    }

    [Fact]
    public void Release_MoreThanReserved_ThrowsAndChangesNothing()
    {
        var root = new MemoryBudget(100);
        MemoryBudget child = root.CreateChild("child");
        Assert.True(root.TryReserve(10));
        Assert.True(child.TryReserve(20));

        Assert.Throws<InvalidOperationException>(() => child.Release(21));
        Assert.Equal(20, child.Used);
        child.Release(20);
        child.Dispose();
        Assert.Throws<InvalidOperationException>(() => root.Release(11));
        Assert.Equal(10, root.Used);
    }

    [Fact]
    public void Release_ManyQuanta_ReturnsTheSurplusToTheParent()
    {
        var root = new MemoryBudget(100 * Quantum);
        MemoryBudget child = root.CreateChild("child");
        Assert.True(child.TryReserve(50 * Quantum));
        child.Release(50 * Quantum);
        Assert.Equal(0, child.Used);
        Assert.InRange(root.Used, 0, 2 * Quantum);
    }

    [Fact]
    public void TrySetLimit_Root_RaisesAndLowersDownToWhatIsUsed()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TryReserve(60));
        Assert.False(budget.TrySetLimit(59));
        Assert.Equal((100, 60), (budget.Limit, budget.Used));
        Assert.True(budget.TrySetLimit(60));
        Assert.Equal((60, 60), (budget.Limit, budget.Used));
        Assert.False(budget.TryReserve(1));
        Assert.True(budget.TrySetLimit(61));
        Assert.True(budget.TryReserve(1));
        Assert.Equal("limit", Assert.Throws<ArgumentOutOfRangeException>(() => budget.TrySetLimit(0)).ParamName);
    }

    [Fact]
    public void TrySetLimit_RootWhoseChildHoldsCredit_TakesTheCreditBack()
    {
        var root = new MemoryBudget(10 * Quantum);
        MemoryBudget child = root.CreateChild("child");
        Assert.True(child.TryReserve(5));
        Assert.True(root.TrySetLimit(5));
        Assert.Equal((5, 5, 5), (root.Limit, root.Used, child.Used));
    }

    [Fact]
    public void TrySetLimit_Child_GivesWhatIsCutOffToTheParent()
    {
        var root = new MemoryBudget(10 * Quantum);
        MemoryBudget child = root.CreateChild("child");
        Assert.Equal(long.MaxValue, child.Limit);
        Assert.True(child.TryReserve(2 * Quantum));
        child.Release(Quantum);
        Assert.False(child.TrySetLimit(Quantum - 1));
        Assert.True(child.TrySetLimit(Quantum));
        Assert.Equal((Quantum, Quantum, Quantum), (child.Limit, child.Used, root.Used));
        Assert.False(child.TryReserve(1));
        Assert.True(child.TrySetLimit(3 * Quantum));
        Assert.True(child.TryReserve(2 * Quantum));
    }

    [Fact]
    public void Dispose_ChildWithCreditAndReservations_StrandsNothing()
    {
        var root = new MemoryBudget(10 * Quantum);
        MemoryBudget child = root.CreateChild("child");
        MemoryBudget grandchild = child.CreateChild("grandchild");
        MemoryReservation held = child.Reserve(7);
        Assert.True(grandchild.TryReserve(1));
        grandchild.Release(1);

        child.Dispose();
        child.Dispose();

        Assert.Equal(7, root.Used);
        Assert.Throws<ObjectDisposedException>(() => child.TryReserve(1));
        Assert.Throws<ObjectDisposedException>(() => child.CreateChild("x"));
        Assert.Throws<ObjectDisposedException>(() => child.TrySetLimit(1));
        held.Dispose();
        Assert.Equal(0, root.Used);
    }

    [Fact]
    public void Finalizer_ChildDroppedUndisposed_ReturnsEverything()
    {
        var root = new MemoryBudget(10 * Quantum);
        DropChild(root);
        for (int i = 0; i < 20 && root.Used > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, root.Used);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void DropChild(MemoryBudget root)
        {
            MemoryBudget child = root.CreateChild("dropped");
            Assert.True(child.TryReserve(1 * Quantum));
            Assert.True(child.CreateChild("dropped too").TryReserve(4 * Quantum));
            Assert.InRange(root.Used, 5 * Quantum, 8 * Quantum);
        }
    }

    [Fact]
    public void TryReserve_HotPath_AllocatesNothing()
    {
        MemoryBudget leaf = new MemoryBudget(10 * Quantum).CreateChild("a").CreateChild("b");
        Assert.True(leaf.TryReserve(100));
        leaf.Release(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            leaf.TryReserve(100);
            leaf.Release(100);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
