using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Counting remembers words and reads 16 bytes at a time; none of that may show.</summary>
public sealed class WordTableTests
{
    private static readonly string[] Files = ["cl100k_base.tiktoken", "o200k_base.tiktoken", "r50k_base.tiktoken"];

    [Fact]
    public void Counts_are_the_number_of_tokens_whatever_was_counted_before()
    {
        var random = new Random(51);
        foreach (var tokenizer in Files.Select(LoadedTokenizers.Get))
        {
            // More distinct words than a table has places, of every length around the longest that has one.
            for (var round = 0; round < 60; round++)
            {
                var text = new StringBuilder();
                for (var word = 0; word < 2000; word++)
                {
                    text.Append(random.Next(4) == 0 ? "\n" : " ").Append(Word(random));
                }

                var utf8 = Encoding.UTF8.GetBytes(text.ToString());
                tokenizer.Count(utf8).ShouldBe(tokenizer.Ids(utf8).Length);
                tokenizer.Count(utf8).ShouldBe(tokenizer.Ids(utf8).Length);
            }
        }
    }

    [Fact]
    public void Zero_bytes_are_bytes_of_words()
    {
        foreach (var tokenizer in Files.Select(LoadedTokenizers.Get))
        {
            foreach (var text in (string[])["!", "!\0", "!\0\0", "\0", "\0\0", "a\0", "a"])
            {
                tokenizer.Count(Encoding.UTF8.GetBytes(text)).ShouldBe(tokenizer.Ids(Encoding.UTF8.GetBytes(text)).Length);
            }
        }
    }

    [Fact]
    public void Texts_of_a_longer_buffer_count_as_by_themselves()
    {
        var tokenizer = LoadedTokenizers.Get(Files[0]);
        var buffer = Encoding.UTF8.GetBytes("one unbelievablyness, two's 12345 — naïve 中文字 and some more words to the end of it");
        for (var start = 0; start < buffer.Length; start++)
        {
            for (var end = start; end <= buffer.Length; end++)
            {
                if (IsBorder(start) && IsBorder(end))
                {
                    tokenizer.Count(buffer.AsSpan(start..end)).ShouldBe(tokenizer.Count(buffer.AsSpan(start..end).ToArray()));
                }
            }
        }

        bool IsBorder(int at) => at == buffer.Length || (buffer[at] & 0xC0) != 0x80;
    }

    /// <summary>A text that ends where a page ends, behind which nothing may be read.</summary>
    [Fact]
    public void Nothing_behind_a_text_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mmap as on Linux");
        var tokenizer = LoadedTokenizers.Get(Files[0]);
        var page = Environment.SystemPageSize;
        var pages = Mmap(0, (nuint)(2 * page), 3, 0x22, -1, 0);
        pages.ShouldNotBe(-1);
        Mprotect(pages + page, (nuint)page, 0).ShouldBe(0);
        var text = Encoding.UTF8.GetBytes("Words up to the end, don't read on: 123 中");
        for (var length = 1; length <= 70; length++)
        {
            var bytes = Enumerable.Range(0, length).Select(i => text[(text.Length - length + i + (2 * text.Length)) % text.Length]).ToArray();
            if ((bytes[0] & 0xC0) != 0x80)
            {
                var atEnd = MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), pages + page - length), length);
                bytes.CopyTo(atEnd);
                tokenizer.Count(atEnd).ShouldBe(tokenizer.Count(bytes));
            }
        }

        Munmap(pages, (nuint)(2 * page)).ShouldBe(0);
    }

    private static string Word(Random random)
    {
        var length = random.Next(1, 20);
        return random.Next(5) switch
        {
            0 => new string((char)('a' + random.Next(26)), length),
            1 => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('а' + random.Next(32)))),
            2 => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('一' + random.Next(300)))),
            _ => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(26)))),
        };
    }

    [DllImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Mprotect(nint address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Munmap(nint address, nuint length);
}
