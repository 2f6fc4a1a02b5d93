using System.Buffers;
using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>Byte strings by their common prefixes, each with a value from 0. Edges stand in one hash table, so a node costs no object.</summary>
internal sealed class ByteTrie
{
    public const int Root = 0;

    private long[] _keys = NewKeys(64);
    private int[] _children = new int[64];
    private int[] _values = new int[16];
    private int _edges;

    public ByteTrie() => _values.AsSpan().Fill(-1);

    public int Nodes => _edges + 1;

    /// <summary>Sets the value of a string; of equal strings the last counts.</summary>
    public void Add(ReadOnlySpan<byte> text, int value)
    {
        var node = Root;
        foreach (var b in text)
        {
            var child = Child(node, b);
            node = child >= 0 ? child : AddChild(node, b);
        }

        _values[node] = value;
    }

    /// <summary>The node that a byte leads to, or -1.</summary>
    public int Child(int node, byte label)
    {
        var slot = FindSlot(Key(node, label));
        return _keys[slot] < 0 ? -1 : _children[slot];
    }

    /// <summary>The value of the string that ends at a node, or -1.</summary>
    public int Value(int node) => _values[node];

    /// <summary>The bytes that strings start with.</summary>
    public SearchValues<byte> Starts() => SearchValues.Create([.. Enumerable.Range(0, 256).Select(first => (byte)first).Where(first => Child(Root, first) >= 0)]);

    /// <summary>The length of the longest string that a text starts with, or 0; and its value.</summary>
    public int LongestPrefix(ReadOnlySpan<byte> text, out int value)
    {
        var length = 0;
        value = -1;
        var node = Root;
        for (var i = 0; i < text.Length && (node = Child(node, text[i])) >= 0; i++)
        {
            if (Value(node) is >= 0 and var found)
            {
                (value, length) = (found, i + 1);
            }
        }

        return length;
    }

    private static long Key(int node, byte label) => ((long)node << 8) | label;

    private static long[] NewKeys(int size)
    {
        var keys = new long[size];
        keys.AsSpan().Fill(-1);
        return keys;
    }

    private int AddChild(int node, byte label)
    {
        if (Nodes * 2 >= _keys.Length)
        {
            Grow();
        }

        var slot = FindSlot(Key(node, label));
        _keys[slot] = Key(node, label);
        _children[slot] = ++_edges;
        if (_edges == _values.Length)
        {
            Array.Resize(ref _values, _values.Length * 2);
            _values.AsSpan(_edges).Fill(-1);
        }

        return _edges;
    }

    private void Grow()
    {
        var (keys, children) = (_keys, _children);
        _keys = NewKeys(keys.Length * 2);
        _children = new int[keys.Length * 2];
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] >= 0)
            {
                var slot = FindSlot(keys[i]);
                (_keys[slot], _children[slot]) = (keys[i], children[i]);
            }
        }
    }

    private int FindSlot(long key)
    {
        var mask = _keys.Length - 1;
        var slot = (int)((ulong)key * 0x9E3779B97F4A7C15 >> (64 - BitOperations.Log2((uint)_keys.Length)));
        while (_keys[slot] != key && _keys[slot] >= 0)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
