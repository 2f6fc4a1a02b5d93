using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Whether a tokenizer makes the same of the words of a text one by one as of the whole, where words are cut as in <see cref="WordCuts"/>. Each part is
/// asked what it does at a cut: between a character that is no white space and the mark that the cut's space has become. What is not known to
/// keep to its side of a cut is taken not to.
/// </summary>
internal static class WordLocality
{
    private const char Metaspace = '\u2581';
    private const char ByteLevelSpace = '\u0120';

    /// <param name="normalizer">The parts of the tokenizer.</param>
    /// <param name="added">The added tokens that are found in normalized text.</param>
    /// <param name="preTokenizer">As <paramref name="normalizer"/>.</param>
    /// <param name="model">As <paramref name="normalizer"/>.</param>
    /// <param name="inner">What the normalizer does to a word that does not start a text.</param>
    /// <param name="mark">What it makes of the space before the word.</param>
    public static bool MayCut(
        INormalizer? normalizer, AddedTokenFinder added, IPreTokenizer? preTokenizer, ITokenModel model, out INormalizer? inner, out Rune mark)
    {
        var steps = new List<INormalizer>();
        var isLocal = TryNormalize(normalizer, steps);
        inner = steps.Count switch { 0 => null, 1 => steps[0], _ => new NormalizerSequence([.. steps]) };
        var character = isLocal ? MarkOf(inner) : ' ';
        mark = new Rune(character);
        var cuts = false;
        return isLocal
            && character is ' ' or Metaspace or ByteLevelSpace
            && added.KeepsToWords(mark)
            && TryCut(preTokenizer, ref character, ref cuts)
            && (cuts || (model is BpeModel bpe && bpe.MayCutBefore(new Rune(character))));
    }

    /// <summary>What the space at a cut becomes.</summary>
    private static char MarkOf(INormalizer? normalizer)
    {
        var text = AlignedText.InsideOf(" a"u8);
        try
        {
            text = normalizer?.Normalize(text) ?? text;
        }
        catch (DatasetException)
        {
            // It goes astray even on this, which is told when there is a text.
            return '\0';
        }

        return Encoding.UTF8.GetString(text.Bytes) is [var mark and not (>= '\uD800' and <= '\uDFFF'), _, ..] ? mark : '\0';
    }

    /// <summary>Collects what a normalizer does to a word that does not start a text; false if that is not the same as in the whole.</summary>
    private static bool TryNormalize(INormalizer? normalizer, List<INormalizer> steps)
    {
        switch (normalizer)
        {
            case NormalizerSequence sequence:
                return sequence.Steps.All(step => TryNormalize(step, steps));
            case null or PrependNormalizer or StripNormalizer { StripsRight: false }:
                return true;
            case StripNormalizer strip when steps.Count == 0:
                // Nothing has changed the character before a cut yet, so there is nothing to strip.
                steps.Add(strip.AtEnd());
                return true;
            case CharacterNormalizer or BertNormalizer or DecomposingNormalizer or PrecompiledNormalizer or ByteLevelNormalizer:
            case ReplaceNormalizer { Pattern: LiteralPattern literal } when IsOneSided(literal.Literal):
            case ReplaceNormalizer { Pattern: SpaceRunPattern, Content: " " }:
                steps.Add(normalizer);
                return true;
            default:
                return false;
        }
    }

    // A text that holds no mark, or nothing else, does not stand on both sides of a cut.
    private static bool IsOneSided(string literal) =>
        literal.EnumerateRunes().Count() == 1 || literal.AsSpan().IndexOfAny(' ', Metaspace, ByteLevelSpace) < 0;

    /// <summary>Follows the mark through a pre-tokenizer; false if that does more across a cut than to let a piece reach over it.</summary>
    private static bool TryCut(IPreTokenizer? preTokenizer, ref char mark, ref bool cuts)
    {
        switch (preTokenizer)
        {
            case null:
                return true;
            case PreTokenizerSequence sequence:
                foreach (var step in sequence.Steps)
                {
                    if (!TryCut(step, ref mark, ref cuts))
                    {
                        return false;
                    }
                }

                return true;
            case MetaspacePreTokenizer metaspace when metaspace.Mark.Value == Metaspace && mark is ' ' or Metaspace:
                mark = Metaspace;
                cuts |= metaspace.SplitsAtMarks;
                return true;
            case ByteLevelPreTokenizer bytes when mark == ' ':
                mark = ByteLevelSpace;
                cuts |= bytes.SplitsWords;
                return true;
            case WhitespacePreTokenizer:
                cuts |= mark == ' ';
                return true;
            case PatternPreTokenizer { IsInverted: false } pattern:
                return TryCut(pattern, mark, ref cuts);
            default:
                return false;
        }
    }

    private static bool TryCut(PatternPreTokenizer splitter, char mark, ref bool cuts)
    {
        var touches = splitter.Pattern switch
        {
            CharacterPattern characters => characters.Set.Contains(mark),
            LiteralPattern literal when IsOneSided(literal.Literal) => literal.Literal == mark.ToString(),
            ScannerPattern when mark == ' ' => true,
            _ => (bool?)null,
        };
        cuts |= touches == true && splitter.Behavior is SplitBehavior.Removed or SplitBehavior.Isolated;
        return touches is { } mayMatch && splitter.Behavior switch
        {
            SplitBehavior.Removed or SplitBehavior.Isolated => true,
            SplitBehavior.Contiguous => splitter.Pattern is CharacterPattern,
            SplitBehavior.MergedWithPrevious => !mayMatch,
            _ => false,
        };
    }
}
