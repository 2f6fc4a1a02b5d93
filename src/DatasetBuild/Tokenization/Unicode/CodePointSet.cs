namespace DatasetBuild.Tokenization;

/// <summary>A set of Unicode code points: sorted bounds, and, if they are many, a bitmap of the basic plane, where nearly every question falls.</summary>
internal sealed class CodePointSet
{
    public const int CodePoints = 0x110000;

    public static readonly CodePointSet Empty = new([]);
    public static readonly CodePointSet All = new([0, CodePoints]);

    private const int Plane = 0x10000;
    private const int FewBounds = 8;

    // The start of a range, then its end (exclusive), and so on.
    private readonly int[] _bounds;
    private readonly ulong[]? _plane;

    private CodePointSet(int[] bounds)
    {
        _bounds = bounds;
        if (bounds.Length <= FewBounds)
        {
            return;
        }

        _plane = new ulong[Plane / 64];
        for (var i = 0; i < bounds.Length; i += 2)
        {
            for (var code = bounds[i]; code < Math.Min(bounds[i + 1], Plane); code++)
            {
                _plane[code >> 6] |= 1UL << (code & 63);
            }
        }
    }

    public static CodePointSet Range(int first, int last) => new([first, last + 1]);

    public static CodePointSet Of(params ReadOnlySpan<int> codes)
    {
        var sorted = codes.ToArray();
        Array.Sort(sorted);
        var bounds = new List<int>();
        foreach (var code in sorted)
        {
            Extend(bounds, code);
        }

        return new CodePointSet([.. bounds]);
    }

    public static CodePointSet Where(Func<int, bool> belongs)
    {
        var bounds = new List<int>();
        for (var code = 0; code < CodePoints; code++)
        {
            if (belongs(code))
            {
                Extend(bounds, code);
            }
        }

        return new CodePointSet([.. bounds]);
    }

    public bool Contains(int code)
    {
        if (_plane is null)
        {
            var inside = false;
            foreach (var bound in _bounds)
            {
                inside ^= code >= bound;
            }

            return inside;
        }

        if (code < Plane)
        {
            return (_plane[code >> 6] >> (code & 63) & 1) != 0;
        }

        // An odd number of bounds at or before the code point: it lies inside a range.
        var place = Array.BinarySearch(_bounds, code);
        return ((place >= 0 ? place + 1 : ~place) & 1) != 0;
    }

    public CodePointSet Union(CodePointSet other) => Combine(other, static (a, b) => a || b);

    public CodePointSet Intersect(CodePointSet other) => Combine(other, static (a, b) => a && b);

    public CodePointSet Except(CodePointSet other) => Combine(other, static (a, b) => a && !b);

    public CodePointSet Complement() => All.Except(this);

    private static void Extend(List<int> bounds, int code)
    {
        if (bounds.Count > 0 && bounds[^1] >= code)
        {
            bounds[^1] = Math.Max(bounds[^1], code + 1);
        }
        else
        {
            bounds.Add(code);
            bounds.Add(code + 1);
        }
    }

    private CodePointSet Combine(CodePointSet other, Func<bool, bool, bool> rule)
    {
        var bounds = new List<int>();
        var (left, right, inside) = (0, 0, false);
        while (left < _bounds.Length || right < other._bounds.Length)
        {
            var at = Math.Min(left < _bounds.Length ? _bounds[left] : CodePoints, right < other._bounds.Length ? other._bounds[right] : CodePoints);
            left += left < _bounds.Length && _bounds[left] == at ? 1 : 0;
            right += right < other._bounds.Length && other._bounds[right] == at ? 1 : 0;
            if (rule((left & 1) != 0, (right & 1) != 0) != inside)
            {
                inside = !inside;
                bounds.Add(at);
            }
        }

        return new CodePointSet([.. bounds]);
    }
}
