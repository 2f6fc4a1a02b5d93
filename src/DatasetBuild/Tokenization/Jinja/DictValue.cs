using System.Globalization;
using System.Numerics;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>A dictionary in the order in which its keys were first given. Equal keys are Python's: 1, 1.0 and True are one.</summary>
internal sealed class DictValue
{
    /// <summary>Up to here looking through all keys is faster than an index.</summary>
    private const int Few = 8;

    private readonly List<KeyValuePair<object?, object?>> pairs = [];
    private Dictionary<object, int>? index;

    public int Count => pairs.Count;

    public IReadOnlyList<KeyValuePair<object?, object?>> Pairs => pairs;

    public static DictValue Of(params ReadOnlySpan<(string Name, object? Value)> pairs)
    {
        var dict = new DictValue();
        foreach (var (name, value) in pairs)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    public void Set(object? key, object? value)
    {
        var at = Find(key);
        if (at >= 0)
        {
            pairs[at] = new(pairs[at].Key, value);
            return;
        }

        index?.Add(KeyOf(key), pairs.Count);
        pairs.Add(new(key, value));
        if (index is null && pairs.Count > Few)
        {
            index = [];
            for (var i = 0; i < pairs.Count; i++)
            {
                index.Add(KeyOf(pairs[i].Key), i);
            }
        }
    }

    public bool TryGet(object? key, out object? value)
    {
        var at = Find(key);
        value = at >= 0 ? pairs[at].Value : null;
        return at >= 0;
    }

    public object? Get(string name) => TryGet(name, out var value) ? value : null;

    private int Find(object? key)
    {
        if (index is not null)
        {
            return index.GetValueOrDefault(KeyOf(key), -1);
        }

        if (key is string name)
        {
            for (var i = 0; i < pairs.Count; i++)
            {
                if (pairs[i].Key is string other ? other == name : pairs[i].Key is Markup marked && marked.Text == name)
                {
                    return i;
                }
            }

            return -1;
        }

        var sought = KeyOf(key);
        return pairs.FindIndex(pair => KeyOf(pair.Key).Equals(sought));
    }

    /// <summary>Something of .NET that is equal where Python's keys are.</summary>
    /// <exception cref="JinjaError">The value cannot be a key.</exception>
    public static object KeyOf(object? key) => key switch
    {
        null => DBNull.Value,
        string s => s,
        Markup m => m.Text,
        bool b => b ? 1L : 0L,
        long or BigInteger => key,
        double d => double.IsInteger(d) ? Values.Normal(new BigInteger(d)) : d,
        Undefined => typeof(Undefined),
        TupleValue tuple => new StructuralKey(string.Concat(tuple.Items.Select(item => Described(KeyOf(item))))),
        ListValue or DictValue => throw JinjaError.Runtime($"unhashable type: '{Values.TypeName(key)}'"),
        _ => key,
    };

    private static string Described(object key)
    {
        var text = Convert.ToString(key, CultureInfo.InvariantCulture)!;
        return $"{key.GetType().Name}:{text.Length}:{text}";
    }

    private sealed record StructuralKey(string Text);
}
