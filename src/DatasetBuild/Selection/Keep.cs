using System.Globalization;

namespace DatasetBuild.Selection;

/// <summary>
/// How many of the ranked records stay: a count (<c>1000</c>), a share of those that entered with a value (<c>6%</c>), or a budget of
/// tokens (<c>5000000 tokens</c>), which takes ranked records until one does not fit.
/// </summary>
public abstract record Keep
{
    public sealed record Records(int Count) : Keep
    {
        public override string ToString() => Count.ToString(CultureInfo.InvariantCulture);
    }

    public sealed record ShareOf(Share Share) : Keep
    {
        public override string ToString() => Share.ToString();
    }

    public sealed record Tokens(long Budget) : Keep
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Budget} tokens");
    }

    public static bool TryParse(string text, out Keep? keep)
    {
        keep = null;
        if (Share.TryParse(text, out var share))
        {
            keep = new ShareOf(share);
        }
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            keep = new Records(count);
        }
        else if (text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var number, "tokens"]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var budget))
        {
            keep = new Tokens(budget);
        }

        return keep is not null;
    }
}
