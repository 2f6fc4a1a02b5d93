using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>
/// Writing past the system's page cache (<c>O_DIRECT</c>), where Linux and the file system allow it. What a build puts on the disk as a whole would otherwise take as much memory first, and drive
/// out what others read; on a virtual machine, to be given a page of memory may cost more than to fill it.
/// </summary>
internal static unsafe partial class DirectWriting
{
    /// <summary>Such a write starts at a multiple of so many bytes, in memory and in the file, and is a multiple of them long.</summary>
    public const int Alignment = 4096;

    private const int GetFlags = 3; // F_GETFL
    private const int SetFlags = 4; // F_SETFL

    // O_DIRECT, which is another bit on each kind of processor.
    private static readonly int Flag = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 or Architecture.X86 => 0x4000,
        Architecture.Arm64 or Architecture.Arm => 0x10000,
        _ => 0,
    };

    /// <summary>From now on all writes to a file are to be aligned. False where it cannot be had, and nothing has changed.</summary>
    public static bool TryBegin(SafeFileHandle file) => Set(file, isOn: true);

    /// <summary>From now on they need not be.</summary>
    public static void End(SafeFileHandle file) => Set(file, isOn: false);

    /// <summary>Whether bytes may be written so.</summary>
    public static bool IsAligned(ReadOnlySpan<byte> bytes, long place) =>
        (((long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)) | place | (uint)bytes.Length) & (Alignment - 1)) == 0;

    /// <summary>Memory that starts as such a write does, and stays where it is.</summary>
    /// <param name="size">A multiple of <see cref="Alignment"/>.</param>
    public static Memory<byte> Allocate(int size)
    {
        var array = GC.AllocateUninitializedArray<byte>(size + Alignment, pinned: true);
        var over = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (Alignment - 1));
        return array.AsMemory((Alignment - over) & (Alignment - 1), size);
    }

    private static bool Set(SafeFileHandle file, bool isOn)
    {
        if (!OperatingSystem.IsLinux() || Flag == 0)
        {
            return false;
        }

        try
        {
            var flags = Control(file, GetFlags, 0);
            return flags >= 0 && Control(file, SetFlags, isOn ? flags | (nint)Flag : flags & ~(nint)Flag) >= 0;
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeFileHandle file, int command, nint argument);
}
