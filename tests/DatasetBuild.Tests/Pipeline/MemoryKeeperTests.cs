using System.Runtime.CompilerServices;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

public sealed class MemoryKeeperTests
{
    [Fact]
    public void What_nobody_holds_goes_once_memory_comes_near_the_limit()
    {
        var garbage = Garbage();

        new MemoryKeeper(1).Look();

        garbage.IsAlive.ShouldBeFalse();
    }

    [Fact]
    public void Far_from_it_nothing_does()
    {
        // Other tests may collect meanwhile, but not as often as a keeper that did so at each look.
        const int Looks = 200;
        var collections = GC.CollectionCount(GC.MaxGeneration);

        for (var i = 0; i < Looks; i++)
        {
            new MemoryKeeper(long.MaxValue).Look();
            new MemoryKeeper(null).Look();
        }

        (GC.CollectionCount(GC.MaxGeneration) - collections).ShouldBeLessThan(Looks);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Garbage() => new(new byte[1 << 20]);
}
