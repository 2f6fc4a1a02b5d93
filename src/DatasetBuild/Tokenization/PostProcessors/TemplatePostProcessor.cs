namespace DatasetBuild.Tokenization;

/// <summary>A piece of a template: the text with this number (0 or 1), or, if that is -1, special tokens.</summary>
internal sealed record TemplatePiece(int Sequence, IReadOnlyList<(int Id, string Text)> Special, int TypeId);

/// <summary>TemplateProcessing: special tokens and texts in the order of a template, one for single texts and one for pairs.</summary>
internal sealed class TemplatePostProcessor(IReadOnlyList<TemplatePiece> single, IReadOnlyList<TemplatePiece> pair) : IPostProcessor
{
    public List<List<EncodedToken>> Process(List<List<EncodedToken>> encodings, bool addSpecialTokens)
    {
        var parts = new List<List<EncodedToken>>();
        foreach (var piece in encodings.Count == 1 ? single : pair)
        {
            if (piece.Sequence >= 0)
            {
                parts.Add([.. encodings[piece.Sequence].Select(token => token with { TypeId = piece.TypeId })]);
            }
            else if (addSpecialTokens)
            {
                parts.Add([.. piece.Special.Select(token => new EncodedToken(token.Id, token.Text, 0, 0, piece.TypeId, IsSpecial: true))]);
            }
        }

        return parts;
    }
}
