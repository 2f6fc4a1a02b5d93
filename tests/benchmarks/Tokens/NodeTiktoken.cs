using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>npm's <c>tiktoken</c>, where Node finds it (<c>NODE_PATH</c>, or installed in the current folder).</summary>
internal static class NodeTiktoken
{
    private const string Script = """
        const { get_encoding } = require('tiktoken');
        const texts = require('fs').readFileSync(process.argv[2], 'utf8').split('\n').filter(line => line).map(line => JSON.parse(line));
        const encoding = get_encoding(process.argv[1]);
        texts.slice(0, 200).forEach(text => encoding.encode_ordinary(text));
        const before = process.cpuUsage();
        let count = 0;
        for (const text of texts) count += encoding.encode_ordinary(text).length;
        const used = process.cpuUsage(before);
        console.log(count + ' ' + (used.user + used.system) / 1e6);
        """;

    /// <summary>Tokens and CPU seconds, or null where it is not installed or fails.</summary>
    public static (long Tokens, double Cpu)? Count(string encoding, TextSet set)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, set.Texts.Select(text => JsonSerializer.Serialize(Encoding.UTF8.GetString(text))));
            var start = new ProcessStartInfo("node", ["-e", Script, encoding, file]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var parts = output.Split(' ', StringSplitOptions.TrimEntries);
            return process.ExitCode == 0 ? (long.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture)) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no Node
        }
        finally
        {
            File.Delete(file);
        }
    }
}
