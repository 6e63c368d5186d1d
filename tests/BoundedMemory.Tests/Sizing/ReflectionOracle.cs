using System.Reflection;

namespace BoundedMemory.Tests.Sizing;

/// <summary>Finds references the slow and public way: every field by reflection, every element by index.</summary>
internal static class ReflectionOracle
{
    private const BindingFlags DeclaredInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Every reference in an object that is not null, as often as it occurs.</summary>
    public static List<object> ReferencesOf(object o)
    {
        var found = new List<object>();
        if (o is Array array)
        {
            Type element = array.GetType().GetElementType()!;
            foreach (object? item in array)
                Add(element, item, found);
        }
        else if (o is not string)
        {
            AddFields(o, found);
        }

        return found;
    }

    /// <summary>Every object reachable from one, each once.</summary>
    public static HashSet<object> Reachable(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance) { root };
        var pending = new Stack<object>(seen);
        while (pending.TryPop(out object? next))
        {
            foreach (object child in ReferencesOf(next))
            {
                if (seen.Add(child))
                    pending.Push(child);
            }
        }

        return seen;
    }

    private static void AddFields(object holder, List<object> found)
    {
        for (Type? t = holder.GetType(); t is not null && t != typeof(object); t = t.BaseType)
        {
            foreach (FieldInfo field in t.GetFields(DeclaredInstance))
                Add(field.FieldType, field.GetValue(holder), found);
        }
    }

    private static void Add(Type declared, object? value, List<object> found)
    {
        if (value is null || declared.IsPrimitive || declared.IsEnum || declared.IsPointer)
            return;
        if (declared.IsValueType)
            AddFields(value, found);
        else
            found.Add(value);
    }
}
