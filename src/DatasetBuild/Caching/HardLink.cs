using System.Runtime.InteropServices;

namespace DatasetBuild.Caching;

/// <summary>A second name for a file: what it holds survives when something else takes its first one.</summary>
internal static partial class HardLink
{
    /// <summary>Gives <paramref name="path"/> one more name; false where it does not exist or its file system has no such names.</summary>
    internal static bool TryCreate(string path, string name)
    {
        try
        {
            return OperatingSystem.IsWindows() ? CreateHardLinkW(name, path, 0) : link(path, name) == 0;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

#pragma warning disable SYSLIB1054, IDE1006, SA1300 // the names are the systems'
    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int link(string from, string to);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLinkW(string name, string path, nint reserved);
#pragma warning restore SYSLIB1054, IDE1006, SA1300
}
