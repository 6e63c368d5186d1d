using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace BoundedMemory.Tests.Sizing;

/// <summary>Types that come and go: their descriptors are freed and used again for other types.</summary>
public unsafe class CollectibleTypeTests
{
    [Fact]
    public void Measure_CollectibleTypes_AreRightAndAreNotHeld()
    {
        // Each round makes a type with other rules at what may be the same address.
        var gone = new List<WeakReference>();
        for (int round = 0; round < 30; round++)
            gone.Add(MeasureNewType(round));

        for (int i = 0; i < 20 && gone.Exists(type => type.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.DoesNotContain(gone, type => type.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference MeasureNewType(int round)
    {
        AssemblyBuilder assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName($"Collectible{round}"), AssemblyBuilderAccess.RunAndCollect);
        TypeBuilder builder = assembly.DefineDynamicModule("module").DefineType("Value", TypeAttributes.Public | TypeAttributes.Sealed);
        int references = (round % 12) + 1;
        bool firstIsMarked = round % 2 == 0;
        for (int i = 0; i < references; i++)
        {
            FieldBuilder field = builder.DefineField($"F{i}", typeof(object), FieldAttributes.Public);
            if (i == 0 && firstIsMarked)
                field.SetCustomAttribute(new CustomAttributeBuilder(typeof(NotOwnedAttribute).GetConstructor([])!, []));
        }

        if (round % 5 == 4)
            builder.SetCustomAttribute(new CustomAttributeBuilder(typeof(NotOwnedAttribute).GetConstructor([])!, []));
        ILGenerator il = builder.DefineMethod("Identity", MethodAttributes.Public | MethodAttributes.Static, typeof(object), [typeof(object)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ret);
        Type type = builder.CreateType();
        object value = Activator.CreateInstance(type)!;
        foreach (FieldInfo field in type.GetFields())
            field.SetValue(value, new byte[100]);

        Assert.True(type.IsCollectible);
        Assert.True(ObjectSizer.Measure(value).Bytes > 0);
        Assert.False(TypeShapes.IsKeptForEver(HeapLayout.TypeOf(value)));
        Assert.True(ObjectSizer.Measure(new Version(1, 2)).Bytes > 0);
        Assert.True(TypeShapes.IsKeptForEver(HeapLayout.TypeOf(typeof(Version))));

        long own = 16 + (8 * references);
        long payloads = (references - (firstIsMarked ? 1 : 0)) * HeapLayout.ArrayBytes<byte>(100);
        Assert.Equal(own + payloads, ObjectSizer.Measure(value).Bytes);
        long inArray = round % 5 == 4 ? 0 : own + payloads;
        Assert.Equal(HeapLayout.ArrayBytes<object>(1) + inArray, ObjectSizer.Measure(new[] { value }).Bytes);

        // An open delegate keeps the assembly alive through an object of the runtime, which is not the delegate's own.
        Func<object, object> open = type.GetMethod("Identity")!.CreateDelegate<Func<object, object>>();
        Assert.Same(value, open(value));
        Assert.Equal(1, ObjectSizer.Measure(open).Objects);
        return new WeakReference(type);
    }
}
