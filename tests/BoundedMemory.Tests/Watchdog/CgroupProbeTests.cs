namespace BoundedMemory.Tests.Watchdog;

/// <summary>Files as kernels write them, in a folder that stands for the root.</summary>
public sealed class CgroupProbeTests : IDisposable
{
    private const string Unlimited1 = "9223372036854771712\n";
    private const string Mount1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    private const string Mount2 = "38 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n";
    private const string MountPure2 = "30 23 0:27 / /sys/fs/cgroup rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cgroup");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Version2_NestedLimits_TheLowestAndItsOwnUse()
    {
        Write("proc/self/cgroup", "0::/pod/app/worker\n");
        Write("proc/self/mountinfo", "22 1 0:20 / /proc rw - proc proc rw\n" + MountPure2);
        Group2("sys/fs/cgroup/pod", "2000\n", "1500\n", "anon 10\ninactive_file 100\n");
        Group2("sys/fs/cgroup/pod/app", "1000\n", "900\n", "anon 10\ninactive_file 250\nactive_file 3\n");
        Group2("sys/fs/cgroup/pod/app/worker", "max\n", "300\n", "inactive_file 7\n");
        Write("sys/fs/cgroup/memory.stat", "inactive_file 1\n");
        Assert.Equal((1000, 650, 0), Read());
    }

    [Fact]
    public void Version2_OnlyMax_HasNoLimit()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountPure2);
        Group2("sys/fs/cgroup/app", "max\n", "300\n", "inactive_file 7\n");
        Assert.Equal((null, null, 0), Read());
    }

    [Fact]
    public void Version2_InAContainerThatSeesItsOwnGroupAsTheRoot_FindsIt()
    {
        Write("proc/self/cgroup", "0::/../../kubepods/pod1\n");
        Write("proc/self/mountinfo", "30 23 0:27 /kubepods/pod1 /sys/fs/cgroup ro - cgroup2 cgroup ro\n");
        Group2("sys/fs/cgroup", "500\n", "300\n", "inactive_file 50\n");
        Assert.Equal((500, 250, 0), Read());
    }

    [Fact]
    public void Version1_HostPathUnderAMountOfTheGroup_FindsIt()
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n");
        Write("proc/self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
        Group1("sys/fs/cgroup/memory", "700\n", "600\n", "inactive_file 1\nhierarchical_memory_limit 700\ntotal_inactive_file 100\n");
        Assert.Equal((700, 500, 0), Read());
    }

    [Fact]
    public void Version1_AncestorsLimit_IsFound()
    {
        Write("proc/self/cgroup", "4:memory:/a/b\n");
        Write("proc/self/mountinfo", Mount1);
        Group1("sys/fs/cgroup/memory", Unlimited1, "90000\n", "hierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 100\n");
        Group1("sys/fs/cgroup/memory/a", "800\n", "500\n", "hierarchical_memory_limit 800\ntotal_inactive_file 60\n");
        Group1("sys/fs/cgroup/memory/a/b", Unlimited1, "300\n", "hierarchical_memory_limit 800\ntotal_inactive_file 10\n");
        Assert.Equal((800, 440, 0), Read());
    }

    [Fact]
    public void Version1_LimitOfAnInvisibleAncestor_IsFoundInTheStatistics()
    {
        Write("proc/self/cgroup", "4:memory:/\n");
        Write("proc/self/mountinfo", Mount1);
        Group1("sys/fs/cgroup/memory", Unlimited1, "300\n", "hierarchical_memory_limit 600\ntotal_inactive_file 40\n");
        Assert.Equal((600, 260, 0), Read());
    }

    [Fact]
    public void Version1_Unlimited_HasNoLimit()
    {
        Write("proc/self/cgroup", "4:memory:/a\n");
        Write("proc/self/mountinfo", Mount1);
        Group1("sys/fs/cgroup/memory/a", Unlimited1, "300\n", "hierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 10\n");
        Group1("sys/fs/cgroup/memory", "18446744073709551615\n", "300\n", "hierarchical_memory_limit 99999999999999999999999\n");
        Assert.Equal((null, null, 0), Read());
    }

    [Fact]
    public void Hybrid_MemoryIsOfVersion1()
    {
        Write("proc/self/cgroup", "9:name=systemd:/x\n4:memory:/job\n0::/job\n");
        Write("proc/self/mountinfo", Mount1 + Mount2);
        Group1("sys/fs/cgroup/memory/job", "400\n", "300\n", "total_inactive_file 20\n");
        Group1("sys/fs/cgroup/memory", Unlimited1, "9000\n", "total_inactive_file 20\n");
        Write("sys/fs/cgroup/unified/job/cgroup.procs", "1\n");
        Assert.Equal((400, 280, 0), Read());
    }

    [Fact]
    public void Hybrid_MemoryIsOfVersion2_ItIsFoundAtItsMount()
    {
        Write("proc/self/cgroup", "9:name=systemd:/x\n0::/job\n");
        Write("proc/self/mountinfo", Mount2);
        Group2("sys/fs/cgroup/unified/job", "400\n", "300\n", "inactive_file 20\n");
        Assert.Equal((400, 280, 0), Read());
    }

    [Fact]
    public void Mountinfo_Missing_TheUsualPlacesAreTriedAndItIsCounted()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Group2("sys/fs/cgroup/app", "400\n", "300\n", "inactive_file 20\n");
        Assert.Equal((400, 280, 1), Read());
    }

    [Fact]
    public void Mountinfo_EscapedPath_IsUnescaped()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", "30 23 0:27 / /mnt/with\\040space rw - cgroup2 cgroup2 rw\n");
        Group2("mnt/with space/app", "400\n", "300\n", "inactive_file 20\n");
        Assert.Equal((400, 280, 0), Read());
    }

    [Fact]
    public void NoCgroupsAtAll_IsNoFailure() => Assert.Equal((null, null, 0), Read());

    [Theory]
    [InlineData("memory.stat")]
    [InlineData("memory.current")]
    public void File_Missing_TheUseIsUnknownAndCounted(string file)
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountPure2);
        Group2("sys/fs/cgroup/app", "400\n", "300\n", "inactive_file 20\n");
        File.Delete(Path.Combine(_root.FullName, "sys/fs/cgroup/app", file));
        Assert.Equal((400, null, 1), Read());
    }

    [Theory]
    [InlineData("memory.stat", "anon 5\n")]
    [InlineData("memory.stat", "inactive_file \n")]
    [InlineData("memory.current", "rubbish\n")]
    [InlineData("memory.current", "")]
    public void File_WithRubbish_TheUseIsUnknownAndCounted(string file, string content)
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountPure2);
        Group2("sys/fs/cgroup/app", "400\n", "300\n", "inactive_file 20\n");
        Write("sys/fs/cgroup/app/" + file, content);
        Assert.Equal((400, null, 1), Read());
    }

    [Fact]
    public void InactiveFile_MoreThanTheUse_IsNotNegative()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountPure2);
        Group2("sys/fs/cgroup/app", "400\n", "300\n", "inactive_file 301\n");
        Assert.Equal((400, 0, 0), Read());
    }

    [Fact]
    public void LimitsAndMembership_ReadAgainAfterAWhile()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountPure2);
        Group2("sys/fs/cgroup/app", "400\n", "300\n", "inactive_file 20\n");
        Group2("sys/fs/cgroup/other", "900\n", "500\n", "inactive_file 20\n");
        using var probe = new CgroupProbe(_root.FullName);
        Assert.Equal((400, 280, 0), Read(probe, TimeSpan.Zero));
        Write("sys/fs/cgroup/app/memory.max", "500\n");
        Write("sys/fs/cgroup/app/memory.current", "310\n");
        Assert.Equal((400, 290, 0), Read(probe, TimeSpan.FromSeconds(4)));
        Assert.Equal((500, 290, 0), Read(probe, TimeSpan.FromSeconds(5)));
        Write("proc/self/cgroup", "0::/other\n");
        Assert.Equal((900, 480, 0), Read(probe, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Limit_ThatCannotBeReadAnyMore_StaysAndIsCounted()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", MountPure2);
        Group2("sys/fs/cgroup/app", "400\n", "300\n", "inactive_file 20\n");
        using var probe = new CgroupProbe(_root.FullName);
        Assert.Equal((400, 280, 0), Read(probe, TimeSpan.Zero));
        Write("sys/fs/cgroup/app/memory.max", "rubbish\n");
        Assert.Equal((400, 280, 1), Read(probe, TimeSpan.FromSeconds(5)));
        Write("sys/fs/cgroup/app/memory.max", "max\n");
        Assert.Equal((null, null, 0), Read(probe, TimeSpan.FromSeconds(10)));
    }

    private (long?, long?, int) Read()
    {
        using var probe = new CgroupProbe(_root.FullName);
        return Read(probe, TimeSpan.Zero);
    }

    private static (long? Limit, long? Bytes, int Failures) Read(CgroupProbe probe, TimeSpan now)
    {
        var readings = new MemoryReadings { Now = now };
        probe.Read(ref readings);
        return (readings.ContainerLimit, readings.ContainerBytes, readings.Failures);
    }

    private void Group1(string directory, string limit, string usage, string statistics)
    {
        Write(directory + "/memory.limit_in_bytes", limit);
        Write(directory + "/memory.usage_in_bytes", usage);
        Write(directory + "/memory.stat", statistics);
    }

    private void Group2(string directory, string limit, string usage, string statistics)
    {
        Write(directory + "/memory.max", limit);
        Write(directory + "/memory.current", usage);
        Write(directory + "/memory.stat", statistics);
    }

    /// <summary>In place, as the kernel does: a reader that holds the file sees it.</summary>
    private void Write(string path, string content)
    {
        string full = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        using var file = new FileStream(full, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(content));
    }
}
