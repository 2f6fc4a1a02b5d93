using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Scoring;

/// <summary>Makes the shingles of texts. Reused from record to record; not for several threads at once.</summary>
public sealed class Shingler
{
    private const ulong EndMultiplier = 0x9E3779B97F4A7C15;

    private readonly ShingleRule rule;
    private readonly FoldedText folded;
    private readonly UnitHashes units;
    private readonly ArrayBufferWriter<byte> unfolded = new();
    private int[] characters = [];

    public Shingler(ShingleRule rule)
        : this(rule, new CharacterTable(rule.Folding))
    {
    }

    /// <param name="rule">How.</param>
    /// <param name="table">What is known of characters, for several threads to share.</param>
    /// <param name="isScalar">Whether vectors are left alone.</param>
    internal Shingler(ShingleRule rule, CharacterTable table, bool isScalar = false)
    {
        this.rule = rule;
        units = new UnitHashes(rule.Size);
        folded = new FoldedText(rule.Folding, table) { IsScalar = isScalar };
    }

    /// <summary>Takes up shingles, in the text's order and as often as they occur in it.</summary>
    public delegate void Take(ReadOnlySpan<ulong> shingles);

    /// <summary>The folded text of the last call.</summary>
    public ReadOnlySpan<byte> Text => folded.Text;

    /// <summary>The stretch of <see cref="Text"/> that some neighbouring shingles cover.</summary>
    /// <param name="first">The number of the first shingle.</param>
    /// <param name="count">How many; 1 or more.</param>
    public ReadOnlySpan<byte> Stretch(int first, int count)
    {
        var starts = Units(out var gap);
        return folded.Text[starts[first]..(starts[first + count - 1 + rule.Size] - gap)];
    }

    /// <summary>
    /// Hands over the shingles of a part's texts, which count as one text with white space between. False where it has fewer units than a shingle: then it has none, and
    /// <paramref name="whole"/> is a hash of its folded texts, or of the texts as they are where nothing is left of them.
    /// </summary>
    public bool Shingle(Conversation conversation, Part part, Take take, out ulong whole)
    {
        folded.Clear();
        ulong ends = 0;
        foreach (var text in conversation.Texts(part))
        {
            var before = folded.Text.Length;
            folded.Append(text);
            ends = folded.Text.Length == before ? ends : (ends + (uint)folded.Text.Length) * EndMultiplier;
        }

        if (TryHandOver(take))
        {
            whole = 0;
            return true;
        }

        // Where one text ends and the next begins counts here; where a text of nothing but punctuation says something, that is what it says.
        whole = folded.Count > 0 ? XxHash64.Hash(folded.Text) + ends : HashUnfolded(conversation, part);
        return false;
    }

    /// <summary>The same for a text by itself.</summary>
    public bool Shingle(ReadOnlySpan<byte> text, Take take)
    {
        folded.Clear();
        folded.Append(text);
        return TryHandOver(take);
    }

    // Compiled once and for good, as all loops over texts here: what is compiled ahead of time knows no wide vectors, and what is compiled twice is slow at first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private bool TryHandOver(Take take)
    {
        var starts = Units(out var gap);
        var shingles = starts.Length - rule.Size;
        if (shingles <= 0)
        {
            return false;
        }

        Span<ulong> hashes = stackalloc ulong[512];
        ref var text = ref MemoryMarshal.GetReference(folded.Text);
        if (!rule.Folding.IsDataTrove)
        {
            units.Read(ref text, starts, gap);
        }

        for (var first = 0; first < shingles; first += hashes.Length)
        {
            var some = hashes[..Math.Min(hashes.Length, shingles - first)];
            if (!rule.Folding.IsDataTrove)
            {
                units.Write(first, some);
            }
            else
            {
                for (var i = 0; i < some.Length; i++)
                {
                    var start = starts[first + i];
                    some[i] = XxHash64.Hash(ref Unsafe.Add(ref text, start), starts[first + i + rule.Size] - gap - start);
                }
            }

            take(some);
        }

        return true;
    }

    /// <summary>Where each unit starts, and one more where another one would; and by how much that lies behind the end of the last.</summary>
    private ReadOnlySpan<int> Units(out int gap)
    {
        gap = rule.Unit == ShingleUnit.Word ? 1 : 0;
        return gap == 1 ? folded.Starts : Characters();
    }

    private ulong HashUnfolded(Conversation conversation, Part part)
    {
        unfolded.ResetWrittenCount();
        foreach (var text in conversation.Texts(part))
        {
            unfolded.Write(text);
            unfolded.Write("\0"u8);
        }

        return XxHash64.Hash(unfolded.WrittenSpan);
    }

    /// <summary>Where each character of the folded text starts, and the end of the last.</summary>
    private ReadOnlySpan<int> Characters()
    {
        var text = folded.Text;
        if (characters.Length <= text.Length)
        {
            characters = new int[text.Length + 1];
        }

        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            characters[count] = i;
            count += (text[i] & 0xC0) != 0x80 ? 1 : 0;
        }

        characters[count] = text.Length;
        return characters.AsSpan(0, count + 1);
    }
}
