using DatasetBuild.Caching;

namespace DatasetBuild.Scoring;

/// <summary>A model folder as a build found it: its configuration and its weights, by content.</summary>
/// <param name="folder">Its full path.</param>
/// <param name="name">Its path as people see it, relative to the project.</param>
/// <param name="digest">SHA-256, in hexadecimal, over the names and digests of the files.</param>
/// <param name="files">The full paths of the files, each with the stamp that it had before its content was read.</param>
public sealed class ModelFiles(string folder, string name, string digest, IReadOnlyList<(string Path, FileStamp Stamp)> files)
{
    public string Folder { get; } = folder;

    public string Name { get; } = name;

    public string Digest { get; } = digest;

    /// <exception cref="DatasetException">The files are not those that the digest names any more (DSB3076): what they say must not be kept under it.</exception>
    public void RefuseChanged()
    {
        foreach (var (path, stamp) in files)
        {
            if (!FileStamp.TryOf(path, out var now) || now != stamp)
            {
                throw new DatasetException(PassCodes.ModelChanged, "the model changed while the build was using it. Build again when whatever writes it is done.", path);
            }
        }
    }
}
