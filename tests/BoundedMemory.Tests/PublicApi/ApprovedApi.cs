using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace BoundedMemory.Tests.PublicApi;

/// <summary>Every public signature is approved: a change of the API shows in review as a change of the approved file.</summary>
internal static class ApprovedApi
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static void Require(Assembly assembly)
    {
        string name = assembly.GetName().Name!;
        string received = Describe(assembly);
        string folder = Path.Combine(AppContext.BaseDirectory, "PublicApi");
        string approved = File.ReadAllText(Path.Combine(folder, $"{name}.approved.txt")).ReplaceLineEndings("\n");
        if (received != approved)
        {
            string file = Path.Combine(folder, $"{name}.received.txt");
            File.WriteAllText(file, received);
            string[] before = approved.Split('\n');
            string[] after = received.Split('\n');
            Assert.Fail($"The public API has changed. If that is intended, copy {file} over {name}.approved.txt.\n"
                + $"{string.Join('\n', before.Except(after).Select(line => "- " + line))}\n{string.Join('\n', after.Except(before).Select(line => "+ " + line))}");
        }
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            string kind = type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface"
                : type.IsAbstract && type.IsSealed ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
            Type[] bases = [.. (type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) ? new[] { b } : []), .. type.GetInterfaces().Where(i => i.IsPublic)];
            text.Append(type.Namespace).Append('.').Append(NameOf(type)).Append(" : ").Append(kind);
            text.Append(string.Concat(bases.Select(NameOf).Order(StringComparer.Ordinal).Select(n => ", " + n))).Append('\n');
            const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (string member in type.GetMembers(Declared).Where(m => !m.IsDefined(typeof(CompilerGeneratedAttribute))).Select(Describe).OfType<string>().Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: false } f when IsVisible(f.IsPublic, f.IsFamily, f.IsFamilyOrAssembly) =>
            $"{(f.IsLiteral ? $"const {NameOf(f.FieldType)} {f.Name} = {Constant(f.GetRawConstantValue())}" : $"field {NameOf(f.FieldType)} {f.Name}")}",
        PropertyInfo p when (p.GetMethod ?? p.SetMethod)! is var m && IsVisible(m.IsPublic, m.IsFamily, m.IsFamilyOrAssembly) =>
            $"{NameOf(p.PropertyType)}{Null(Nullability.Create(p))} {p.Name}{Parameters(p.GetIndexParameters(), "[", "]")} {{{(p.GetMethod?.IsPublic == true ? " get;" : "")}{(p.SetMethod?.IsPublic == true ? (IsInit(p) ? " init;" : " set;") : "")} }}",
        ConstructorInfo c when IsVisible(c.IsPublic, c.IsFamily, c.IsFamilyOrAssembly) => $"new{Parameters(c.GetParameters(), "(", ")")}",
        MethodInfo m when IsVisible(m.IsPublic, m.IsFamily, m.IsFamilyOrAssembly) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{(m.IsStatic ? "static " : m.IsAbstract ? "abstract " : "")}{NameOf(m.ReturnType)}{Null(Nullability.Create(m.ReturnParameter))} {m.Name}{(m.IsGenericMethod ? $"<{string.Join(", ", m.GetGenericArguments().Select(a => a.Name))}>" : "")}{Parameters(m.GetParameters(), "(", ")")}",
        _ => null,
    };

    private static string Null(NullabilityInfo info) =>
        info.Type.IsValueType || info is not ({ ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable }) ? "" : "?";

    private static bool IsVisible(bool isPublic, bool isFamily, bool isFamilyOrAssembly) => isPublic || isFamily || isFamilyOrAssembly;

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Parameters(ParameterInfo[] parameters, string open, string close) => parameters.Length == 0 && open == "[" ? ""
        : open + string.Join(", ", parameters.Select(p =>
            $"{(p.IsOut ? "out " : p.IsIn ? "in " : p.ParameterType.IsByRef ? "ref " : "")}{NameOf(p.ParameterType)}{Null(Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? $" = {Constant(p.RawDefaultValue)}" : "")}")) + close;

    private static string Constant(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
        {
            return NameOf(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        string name = type.IsNested && !type.IsGenericParameter ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;
        return type.IsGenericType ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : name;
    }
}
