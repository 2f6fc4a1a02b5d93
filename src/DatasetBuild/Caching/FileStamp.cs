using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>
/// What a file system says of a regular file without its content being read: the file's device and inode (both 0 where the platform does not
/// tell), its size in bytes, and the times of its last content and status change in nanoseconds since 1970-01-01 UTC.
/// Equal stamps that are not racy mean equal content.
/// </summary>
public readonly partial record struct FileStamp(ulong Device, ulong Inode, long Size, long MTimeNs, long CTimeNs)
{
    // Linux stamps files with the time of the last timer tick: 10 ms at the slowest configuration that is in use.
    private const long TickNs = 20_000_000;

    // FAT counts two seconds; old network file systems count one.
    private const long WholeSecondsNs = 2_000_000_000;

    /// <summary>
    /// The stamp of the regular file that <paramref name="path"/> leads to (symbolic links are followed). False when there is no such file, it is no
    /// regular file (a folder, a pipe, a device), or it cannot be reached.
    /// </summary>
    public static bool TryOf(string path, out FileStamp stamp) => LinuxHasStatx ? TryStatx(CurrentFolder, path, 0, out stamp) : TryFileInfo(path, out stamp);

    /// <summary>The same of a file that is no link itself: for folders of our own, in which nobody has reason to put one.</summary>
    internal static bool TryOfUnlinked(string path, out FileStamp stamp)
    {
        stamp = default;
        return LinuxHasStatx ? TryStatx(CurrentFolder, path, NoFollow, out stamp) : !CacheFiles.IsLink(path) && TryFileInfo(path, out stamp);
    }

    /// <summary>The stamp of an open file: no other file can slip in between the stamp and the reading. False where the platform cannot tell.</summary>
    public static bool TryOf(SafeFileHandle handle, out FileStamp stamp)
    {
        stamp = default;
        if (!LinuxHasStatx)
        {
            return false;
        }

        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            return TryStatx((int)handle.DangerousGetHandle(), "", EmptyPath, out stamp);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>The clock that <see cref="IsRacy"/> wants, read before the file's content is: nanoseconds since 1970-01-01 UTC.</summary>
    public static long NowNs(TimeProvider? time = null) => ((time ?? TimeProvider.System).GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>
    /// True when the file could still change without its stamp changing: it was changed so short a time before <paramref name="nowNs"/> that the clock of
    /// its file system may not have moved on (20 ms; 2 s where stamps are whole seconds), or its stamp lies in the future. The content read under
    /// a racy stamp is right, but must be read again next time.
    /// </summary>
    public bool IsRacy(long nowNs)
    {
        var wholeSeconds = MTimeNs % 1_000_000_000 == 0 || CTimeNs % 1_000_000_000 == 0;
        return Math.Max(MTimeNs, CTimeNs) >= nowNs - (wholeSeconds ? WholeSecondsNs : TickNs);
    }

    private static bool TryFileInfo(string path, out FileStamp stamp)
    {
        stamp = default;
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            {
                file = target;
            }

            if (!file.Exists || (file.Attributes & (FileAttributes.Directory | FileAttributes.Device)) != 0)
            {
                return false;
            }

            var changed = (file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100;
            stamp = new FileStamp(0, 0, file.Length, changed, changed);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}

/// <content>statx(2): the only call that gives nanoseconds and both times in one layout for every architecture.</content>
public readonly partial record struct FileStamp
{
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const ushort FormatMask = 0xf000;
    private const ushort RegularFile = 0x8000;

    [SupportedOSPlatformGuard("linux")]
    private static bool LinuxHasStatx { get; } = ProbeStatx();

    private static bool ProbeStatx()
    {
        try
        {
            return OperatingSystem.IsLinux() && statx(CurrentFolder, "/", 0, BasicStats, out _) == 0;
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [SupportedOSPlatform("linux")]
    private static bool TryStatx(int folder, string path, int flags, out FileStamp stamp)
    {
        stamp = default;
        if (statx(folder, path, flags, BasicStats, out var s) != 0 || (s.Mode & FormatMask) != RegularFile)
        {
            return false;
        }

        stamp = new FileStamp(((ulong)s.DeviceMajor << 32) | s.DeviceMinor, s.Inode, (long)s.Size, s.MTime.Nanoseconds, s.CTime.Nanoseconds);
        return true;
    }

#pragma warning disable SYSLIB1054, IDE1006, SA1300 // the name is libc's
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(int folder, string path, int flags, uint mask, out StatxBuffer buffer);
#pragma warning restore SYSLIB1054, IDE1006, SA1300

    [StructLayout(LayoutKind.Sequential)]
    private struct StatxTime
    {
        public long Seconds;
        public uint NanosecondsOfSecond;
        public int Reserved;

        public readonly long Nanoseconds => unchecked((Seconds * 1_000_000_000) + NanosecondsOfSecond);
    }

    /// <summary>struct statx of linux/stat.h, 256 bytes; fields that nothing here needs only keep the others in place.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(40)]
        public ulong Size;
        [FieldOffset(96)]
        public StatxTime CTime;
        [FieldOffset(112)]
        public StatxTime MTime;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
