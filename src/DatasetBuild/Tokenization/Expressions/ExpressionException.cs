namespace DatasetBuild.Tokenization;

/// <summary>A regular expression is malformed or asks for something that is not supported; the message says what, and at which character.</summary>
internal sealed class ExpressionException(string message) : Exception(message);
