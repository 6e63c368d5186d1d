namespace BoundedMemory;

/// <summary>Type names as a programmer writes them: <c>List&lt;Order&gt;</c>, not <c>List`1[[...]]</c>.</summary>
internal static class TypeNames
{
    /// <summary>The name without its namespace.</summary>
    public static string Short(Type type)
    {
        if (type.IsArray)
            return $"{Short(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (!type.IsGenericType)
            return type.Name;
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        string name = arity < 0 ? type.Name : type.Name[..arity];
        return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Short))}>";
    }

    /// <summary>The name with its namespace; type arguments without.</summary>
    public static string Full(Type type) => string.IsNullOrEmpty(type.Namespace) ? Short(type) : $"{type.Namespace}.{Short(type)}";
}
