using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>How the merges make one token of its own bytes. A single byte or character has no merge: -1 for its children and its rank.</summary>
/// <param name="Left">The left token of its last merge.</param>
/// <param name="Right">The right token of its last merge.</param>
/// <param name="Rank">The rank of its last merge.</param>
/// <param name="Shorter">The longest token that its bytes start with, other than itself; or -1.</param>
/// <param name="Length">Bytes; 0 for an id that the merges cannot reach.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TokenShape(int Left, int Right, int Rank, int Shorter, int Length);

/// <summary>The shapes of all tokens of a vocabulary that the merges reach.</summary>
internal static class TokenShapes
{
    private const int NoMerge = -1;

    /// <summary>Reads shapes with which the tokens of any piece are found in a number of steps that is bounded.</summary>
    public static TokenShape[] Read(ImageReader image)
    {
        var shapes = image.ReadShapes();
        for (var id = 0; id < shapes.Length; id++)
        {
            ref readonly var shape = ref shapes[id];
            ImageReader.Expect(shape.Rank == NoMerge || ((uint)shape.Left < (uint)shapes.Length && (uint)shape.Right < (uint)shapes.Length));
            ImageReader.Expect(shape.Length == 0 || shape.Shorter == -1 || ((uint)shape.Shorter < (uint)shapes.Length && shapes[shape.Shorter].Length < shape.Length));
        }

        ImageReader.Expect(IsAscending(shapes));

        return shapes;
    }

    /// <summary>Finds what the merges make of the bytes of each token. <see cref="TokenShape.Shorter"/> is left open.</summary>
    /// <param name="tokens">The vocabulary.</param>
    /// <param name="merger">Its merges.</param>
    /// <param name="ascending">Whether every token is made by merges of rising ranks, which trained vocabularies are.</param>
    public static TokenShape[] Find(TokenTable tokens, BytePairMerger merger, out bool ascending)
    {
        var shapes = new TokenShape[tokens.Size];
        var ids = new int[tokens.LongestToken];
        for (var id = 0; id < shapes.Length; id++)
        {
            var bytes = tokens.Contains(id) ? tokens.Bytes(id) : default;
            if (tokens.Find(bytes) == id && merger.Merge(bytes, ids, out var last) == 1 && ids[0] == id)
            {
                shapes[id] = new TokenShape(last.Left, last.Right, last.Rank, Shorter: -1, bytes.Length);
            }
        }

        ascending = IsAscending(shapes);
        return shapes;
    }

    private static bool IsAscending(TokenShape[] shapes)
    {
        for (var id = 0; id < shapes.Length; id++)
        {
            ref readonly var shape = ref shapes[id];
            if (shape.Length > 0 && shape.Rank != NoMerge && (shapes[shape.Left].Rank >= shape.Rank || shapes[shape.Right].Rank >= shape.Rank))
            {
                return false;
            }
        }

        return true;
    }
}
