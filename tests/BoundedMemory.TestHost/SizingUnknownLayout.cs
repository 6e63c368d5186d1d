namespace BoundedMemory.TestHost;

/// <summary>A process that measures without pointer maps, as on a runtime whose heap layout is not known.</summary>
internal static class SizingUnknownLayout
{
    public static int Run()
    {
        AppContext.SetSwitch(HeapLayoutSelfTest.Switch, false);
        bool holds = Check("layout is unknown", !HeapLayout.IsKnown)
            & Check("graphs are refused when the sizer is made", Refuses(() => ObjectSizer.For<List<string>>()))
            & Check("graphs are refused when measured", Refuses(() => ObjectSizer.Measure(new List<string>())))
            & Check("joint walks are refused", Refuses(() => ObjectSizer.MeasureTogether<object?>([new object()])))
            & Check("texts are measured", ObjectSizer.For<string>().Measure(new string('x', 5)).Bytes == 32)
            & Check("numbers are measured", ObjectSizer.For<double[]>().Measure(new double[5]).Bytes == 64)
            & Check("structs are measured", ObjectSizer.For<Guid>().Measure(Guid.Empty).Bytes == 0)
            & Check("a user's sizer works", Sizer.Create<List<string>>(_ => 7).Measure([]).Bytes == 7)
            & Check("arrays are known", HeapLayout.ArrayBytes<int>(5) == 48)
            & Check("instances need a factory", Refuses(() => HeapLayout.InstanceBytes<Instance>()))
            & Check("instances are made to be measured", HeapLayout.InstanceBytes(() => new Instance()) == 32);
        return holds ? 0 : 1;
    }

    private static bool Check(string what, bool holds)
    {
        Console.WriteLine($"{what}: {holds}");
        return holds;
    }

    private static bool Refuses(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (NotSupportedException)
        {
            return true;
        }
    }

    private sealed class Instance
    {
        public long Number = 1;
        public object? Reference = "text";
    }
}
