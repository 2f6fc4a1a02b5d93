"""How the generated tables of the library are packed: LEB128 varints, zlib, base64 in a C# constant."""
import base64
import zlib


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def runs_of(values):
    """[first, length, value] for each run of equal values of a dictionary by code point."""
    runs = []
    for code in sorted(values):
        if runs and runs[-1][0] + runs[-1][1] == code and runs[-1][2] == values[code]:
            runs[-1][1] += 1
        else:
            runs.append([code, 1, values[code]])
    return runs


def pack_runs(values):
    runs = runs_of(values)
    out, last = varint(len(runs)), 0
    for first, length, value in runs:
        out += varint(first - last) + varint(length - 1) + varint(value)
        last = first
    return out


def write_class(target, name, summary, version, data):
    text = base64.b64encode(zlib.compress(data, 9)).decode()
    lines = [text[i:i + 116] for i in range(0, len(text), 116)]
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(f"""namespace DatasetBuild.Tokenization;

/// <summary>
{summary}
/// </summary>
internal static class {name}
{{
    public const string UnicodeVersion = "{version}";

    /// <summary>{len(data)} bytes, packed by zlib, in base64.</summary>
    public const string Packed =
""")
        file.write("\n        + ".join(f'"{line}"' for line in lines).join(["        ", ";\n}\n"]))
