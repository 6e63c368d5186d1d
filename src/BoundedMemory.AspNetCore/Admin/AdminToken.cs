using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace BoundedMemory;

/// <summary>The token of the admin endpoint, as a hash, and whether a request presents it.</summary>
/// <remarks>Whatever is presented, and if nothing is, one keyed hash of a block of one size is made and compared in constant time. So the time says nothing about the
/// token: not how much of it was right, nor how long it is. The key is of this process alone: hashes cannot be made elsewhere and looked for.</remarks>
internal sealed class AdminToken
{
    public const int LeastLength = 16;
    public const int MostLength = 256;

    /// <summary>Where the token may be in an address.</summary>
    public const string QueryParameter = "admin_token";

    private const string Scheme = "Bearer ";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    private readonly byte[] _hash = new byte[HMACSHA256.HashSizeInBytes];

    /// <param name="token">A legal one; not kept.</param>
    public AdminToken(string token) => Hash(token, _hash);

    public static bool IsLegal(string token) => token.Length is >= LeastLength and <= MostLength && !token.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Whether a request presents the token: in its one header, or, where that is allowed and there is no header, in its one query parameter.</summary>
    public bool IsPresentedBy(HttpRequest request, bool isQueryAllowed) => Matches(Presented(request, isQueryAllowed));

    /// <param name="presented">What was presented; empty for nothing, which is no token's like.</param>
    public bool Matches(ReadOnlySpan<char> presented)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(presented, hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    private static ReadOnlySpan<char> Presented(HttpRequest request, bool isQueryAllowed)
    {
        StringValues header = request.Headers.Authorization;
        if (header.Count == 0 && isQueryAllowed)
        {
            StringValues query = request.Query[QueryParameter];
            return query.Count == 1 ? query[0] : default(ReadOnlySpan<char>);
        }

        return header.Count == 1 && header[0] is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? value.AsSpan(Scheme.Length).TrimStart(' ')
            : default;
    }

    /// <summary>The length is part of the block: what is longer than the block has none of its hashes. Characters are taken as they are, so no two texts become the same.</summary>
    private static void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        Span<byte> block = stackalloc byte[sizeof(int) + (sizeof(char) * MostLength)];
        block.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(block, text.Length);
        MemoryMarshal.AsBytes(text[..Math.Min(text.Length, MostLength)]).CopyTo(block[sizeof(int)..]);
        HMACSHA256.HashData(Key, block, hash);
        CryptographicOperations.ZeroMemory(block);
    }
}
