using System.Globalization;
using System.Runtime.InteropServices;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

public sealed class HugePagesTests
{
    [Fact]
    public void A_large_array_lies_where_huge_pages_are_asked_for()
    {
        Assert.SkipUnless(Directory.Exists("/sys/kernel/mm/transparent_hugepage"), "the system has none");

        // Other tests may collect between asking and allocating; a stretch that was given back meanwhile is not asked for any more.
        Enumerable.Range(0, 5).Any(_ => AskAndAllocate().Split(' ').Contains("hg")).ShouldBeTrue();
    }

    private static string AskAndAllocate()
    {
        HugePages.AskForHeap();

        // Large enough that the collector takes a new stretch of what it has reserved for it.
        var array = new byte[48 << 20];
        var handle = GCHandle.Alloc(array, GCHandleType.Pinned);
        var flags = FlagsOf((ulong)handle.AddrOfPinnedObject() + ((ulong)array.Length / 2));
        handle.Free();
        return flags;
    }

    /// <summary>What the system says of the mapping that an address lies in.</summary>
    private static string FlagsOf(ulong address)
    {
        var isIn = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var ends = line.Split(' ')[0].Split('-');
            if (ends.Length == 2)
            {
                isIn = ulong.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= address && address < ulong.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else if (isIn && line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException("no mapping");
    }
}
