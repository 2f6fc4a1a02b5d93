using System.Runtime.CompilerServices;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>The precision in which a weight is stored. All three widen to float32 without loss.</summary>
internal enum ElementType : byte
{
    Float32,
    BFloat16,
    Float16,
}

internal static class ElementTypes
{
    public static int Size(this ElementType type) => type == ElementType.Float32 ? sizeof(float) : sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits, ElementType type) =>
        type == ElementType.BFloat16 ? BitConverter.UInt32BitsToSingle((uint)bits << 16) : (float)BitConverter.UInt16BitsToHalf(bits);
}
