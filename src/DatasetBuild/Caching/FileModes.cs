using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>
/// Who may read a file. What is being written is its owner's alone; what is put in place for others, such as the subset, gets the mode that any new file
/// of the user gets. Windows has no such modes: there a file has the rights of its folder.
/// </summary>
internal static partial class FileModes
{
    private const int OwnerOnly = 0x3f; // 077: takes everything from everybody else

    private const UnixFileMode ReadableAndWritable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly UnixFileMode Ordinary = OperatingSystem.IsWindows() ? ReadableAndWritable : ReadableAndWritable & ~(UnixFileMode)AskForMask();

    /// <summary>Takes a new file from everybody else, before there is anything in it.</summary>
    internal static void MakePrivate(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Gives a finished file the mode of an ordinary one.</summary>
    internal static void MakeOrdinary(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, Ordinary);
        }
    }

    /// <summary>The mask can only be asked for by setting it: for that moment to the strictest one, which harms no file that another thread makes just then.</summary>
    [UnsupportedOSPlatform("windows")]
    private static int AskForMask()
    {
        var mask = umask(OwnerOnly);
        _ = umask(mask);
        return mask;
    }

#pragma warning disable SYSLIB1054, IDE1006, SA1300 // the name is libc's
    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [UnsupportedOSPlatform("windows")]
    private static partial int umask(int mask);
#pragma warning restore SYSLIB1054, IDE1006, SA1300
}
