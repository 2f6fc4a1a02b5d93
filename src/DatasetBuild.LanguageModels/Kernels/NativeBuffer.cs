using System.Runtime.InteropServices;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>Memory outside the managed heap, aligned to a cache line, not cleared.</summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    public NativeBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        Bytes = bytes;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64));
    }

    public long Bytes { get; }

    public override bool IsInvalid => handle == 0;

    public float* Floats => (float*)handle;

    public ushort* Halves => (ushort*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
