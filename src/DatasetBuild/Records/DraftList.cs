namespace DatasetBuild.Records;

/// <summary>
/// A list that is filled and emptied for each record. The framework's own list over a type of this library could not be compiled ahead of time, and
/// would make the first records of every build slow.
/// </summary>
internal sealed class DraftList<T>
    where T : struct
{
    private T[] items = new T[8];

    public int Count { get; private set; }

    public T this[int place] => place < Count ? items[place] : throw new ArgumentOutOfRangeException(nameof(place));

    public void Add(T item)
    {
        if (Count == items.Length)
        {
            var larger = new T[2 * Count];
            Array.Copy(items, larger, Count);
            items = larger;
        }

        items[Count++] = item;
    }

    public void Insert(int place, T item)
    {
        Add(item);
        Array.Copy(items, place, items, place + 1, Count - 1 - place);
        items[place] = item;
    }

    public void Clear() => Count = 0;
}
