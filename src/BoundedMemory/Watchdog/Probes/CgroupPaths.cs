using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace BoundedMemory;

/// <summary>Where the control groups of this process are in the file system.</summary>
/// <param name="IsVersion1">Whether memory is accounted for by a hierarchy of version 1.</param>
/// <param name="Directories">The process's own group, then its parents, as far as they are visible here.</param>
internal sealed record CgroupPaths(bool IsVersion1, string[] Directories)
{
    /// <summary>Parses <c>/proc/self/cgroup</c> and <c>/proc/self/mountinfo</c>. Null if there is no group that accounts for memory.</summary>
    /// <param name="root">What all paths are relative to.</param>
    /// <param name="cgroup">Lines <c>id:controllers:path</c>; version 2 is <c>0::path</c>.</param>
    /// <param name="mountinfo">Lines of mounts; empty if they cannot be read, and the usual places are assumed.</param>
    public static CgroupPaths? Find(string root, string cgroup, string mountinfo)
    {
        string? path1 = null;
        string? path2 = null;
        foreach (string line in cgroup.Split('\n'))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[0] == "0" && parts[1].Length == 0)
            {
                path2 = parts[2];
            }
            else if (parts.Length == 3 && parts[1].Split(',').Contains("memory"))
            {
                path1 = parts[2];
            }
        }

        // On a hybrid machine both are mounted, and memory belongs to one of them.
        return TryResolve(root, Mounts(mountinfo, isVersion1: true), path1, "memory.limit_in_bytes", out string[]? directories) ? new CgroupPaths(true, directories)
            : TryResolve(root, Mounts(mountinfo, isVersion1: false), path2, null, out directories) ? new CgroupPaths(false, directories)
            : null;
    }

    private static bool TryResolve(
        string root, IEnumerable<(string Root, string Point)> mounts, string? path, string? mustHave, [NotNullWhen(true)] out string[]? directories)
    {
        directories = null;
        foreach ((string mountRoot, string mountPoint) in path is null ? [] : mounts)
        {
            string point = Path.Combine(root, mountPoint.TrimStart('/'));
            if (Directory.Exists(point))
            {
                string[] found = [.. WithParents(point, Relative(path!, mountRoot))];
                if (mustHave is null ? found.Any(HasMemory2) : found.Any(directory => File.Exists(Path.Combine(directory, mustHave))))
                {
                    directories = found;
                    return true;
                }
            }
        }

        return false;

        static bool HasMemory2(string directory) => File.Exists(Path.Combine(directory, "memory.max")) || File.Exists(Path.Combine(directory, "memory.current"));
    }

    /// <summary>The path below the mount. A container sees its own group as the mount's root while the path is that of the host, or begins with dots.</summary>
    private static string Relative(string path, string mountRoot)
    {
        if (path.Split('/').Contains(".."))
        {
            return "";
        }

        string prefix = mountRoot.TrimEnd('/');
        return path == prefix ? "" : path.StartsWith(prefix + "/", StringComparison.Ordinal) ? path[prefix.Length..].Trim('/') : "";
    }

    /// <summary>From the group, or the nearest of its parents that is visible, up to the mount.</summary>
    private static IEnumerable<string> WithParents(string point, string relative)
    {
        while (relative.Length > 0)
        {
            string directory = Path.Combine(point, relative);
            if (Directory.Exists(directory))
            {
                yield return directory;
            }

            relative = relative.Contains('/', StringComparison.Ordinal) ? relative[..relative.LastIndexOf('/')] : "";
        }

        yield return point;
    }

    /// <summary>Roots and mount points of hierarchies of one version; the usual place last.</summary>
    private static IEnumerable<(string Root, string Point)> Mounts(string mountinfo, bool isVersion1)
    {
        foreach (string line in mountinfo.Split('\n'))
        {
            // 36 35 98:0 /root /point rw,noatime master:1 - cgroup cgroup rw,memory
            int separator = line.IndexOf(" - ", StringComparison.Ordinal);
            string[] mount = separator < 0 ? [] : line[..separator].Split(' ');
            string[] system = separator < 0 ? [] : line[(separator + 3)..].Split(' ');
            if (mount.Length >= 6 && system.Length >= 3
                && (isVersion1 ? system[0] == "cgroup" && system[2].Split(',').Contains("memory") : system[0] == "cgroup2"))
            {
                yield return (Unescape(mount[3]), Unescape(mount[4]));
            }
        }

        yield return ("/", isVersion1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup");
    }

    /// <summary>The kernel writes spaces, tabs, line feeds and backslashes as octal numbers.</summary>
    private static string Unescape(string path)
    {
        var text = new StringBuilder(path.Length);
        for (int i = 0; i < path.Length; i++)
        {
            bool isEscape = path[i] == '\\' && i + 3 < path.Length && path.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0;
            text.Append(isEscape ? (char)(((path[i + 1] - '0') * 64) + ((path[i + 2] - '0') * 8) + (path[i + 3] - '0')) : path[i]);
            i += isEscape ? 3 : 0;
        }

        return text.ToString();
    }
}
