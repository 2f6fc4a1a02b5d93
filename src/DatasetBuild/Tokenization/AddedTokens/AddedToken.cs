namespace DatasetBuild.Tokenization;

/// <summary>A token beside the model's vocabulary that is found in a text before it is cut into pieces.</summary>
/// <param name="Content">What it looks like.</param>
/// <param name="SingleWord">Found only where no word character touches it.</param>
/// <param name="StripLeft">Takes the white space before it.</param>
/// <param name="StripRight">Takes the white space behind it.</param>
/// <param name="Normalized">Found in the normalized text, being normalized itself.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
internal sealed record AddedToken(string Content, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special);
