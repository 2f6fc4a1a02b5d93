using System.Globalization;
using System.Runtime.InteropServices;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Asks Linux to back large arrays with pages of 2 MB, which most systems give to whoever asks (<c>transparent_hugepage</c> is <c>madvise</c>). A build fills some hundred megabytes for the first
/// time, and page by page, being given them takes longer than filling them. It is advice: where it is not taken, all is as it was.
/// </summary>
internal static partial class HugePages
{
    private const int UseHugePages = 14; // MADV_HUGEPAGE

    /// <summary>For the whole range that the garbage collector has reserved.</summary>
    public static void AskForHeap()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var sample = GCHandle.Alloc(new byte[1], GCHandleType.Pinned);
        try
        {
            var (start, end) = RangeAround((nuint)sample.AddrOfPinnedObject());
            _ = Advise(start, end - start, UseHugePages);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or EntryPointNotFoundException or DllNotFoundException)
        {
            // Where a process may not see its own memory, or its C library has no such call, nobody can be asked.
        }
        finally
        {
            sample.Free();
        }
    }

    /// <summary>The mappings around an address that follow each other without a gap and have no file or name.</summary>
    private static (nuint Start, nuint End) RangeAround(nuint address)
    {
        var (start, end) = ((nuint)0, (nuint)0);
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            // 7f2c00000000-7f2c00021000 rw-p 00000000 00:00 0                          [name]
            // The collector goes on while this is read: a mapping that it made longer meanwhile begins before the end of the one that was read last.
            var dash = line.IndexOf('-');
            var space = line.IndexOf(' ');
            var from = nuint.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var isNameless = line.AsSpan().TrimEnd().EndsWith(" 0");
            if (!isNameless || from > end)
            {
                if (end > address)
                {
                    break;
                }

                start = from;
            }

            end = isNameless ? nuint.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;
        }

        return start <= address && address < end ? (start, end) : default;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nuint start, nuint length, int advice);
}
