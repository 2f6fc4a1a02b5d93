using System.Text;
using System.Text.Json;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>Changes JSON so that it stays JSON: members and values are doubled, left out, moved, and put in each other's place.</summary>
internal sealed class JsonMutator(Random random)
{
    private static readonly string[] Values = ["null", "true", "0", "-1", "1e99", "9223372036854775808", "2147483648", "0.5", "\"\"", "\"a\"", "\"\\u0000\"", "\"\\ud800\"", "\"/\"", "\"..\"", "[]", "{}", "[null]", "{\"a\":null}"];

    /// <summary>The same with one to four changes; null where it is no JSON.</summary>
    public byte[]? Mutate(byte[] input)
    {
        for (var steps = random.Next(1, 5); steps > 0; steps--)
        {
            var parts = Parts(input);
            if (parts.Count == 0)
            {
                return null;
            }

            input = Step(input, parts);
        }

        return input;
    }

    private byte[] Step(byte[] input, List<Part> parts)
    {
        var part = parts[random.Next(parts.Count)];
        var other = parts[random.Next(parts.Count)];
        var own = input.AsSpan(part.Start, part.End - part.Start);
        ReadOnlySpan<byte> before = input.AsSpan(0, part.Start), after = input.AsSpan(part.End);
        return random.Next(4) switch
        {
            0 => [.. before, .. own, (byte)',', .. own, .. after],
            1 when after.Length > 0 && after[0] == ',' => [.. before, .. after[1..]],
            2 => [.. before, .. input.AsSpan(part.IsMember ? other.Start : other.Value, other.End - (part.IsMember ? other.Start : other.Value)), .. after],
            _ => [.. input.AsSpan(0, part.Value), .. Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]), .. after],
        };
    }

    /// <summary>Where members of objects, elements of arrays and the whole stand.</summary>
    private static List<Part> Parts(byte[] input)
    {
        var parts = new List<Part>();
        var reader = new Utf8JsonReader(input, new JsonReaderOptions { MaxDepth = 200 });
        try
        {
            var member = -1;
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        member = (int)reader.TokenStartIndex;
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        break;
                    default:
                        var value = (int)reader.TokenStartIndex;
                        var end = reader;
                        end.Skip();
                        parts.Add(new Part(member < 0 ? value : member, value, (int)end.BytesConsumed, member >= 0));
                        member = -1;
                        break;
                }
            }

            return parts;
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private readonly record struct Part(int Start, int Value, int End, bool IsMember);
}
