using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace BoundedMemory;

/// <summary>Why a request with the right token is refused. Nothing was done.</summary>
internal sealed record AdminRefusal(int Status, string Detail)
{
    private const int MostShown = 100;

    private string Title => Status switch
    {
        StatusCodes.Status404NotFound => "There is no such part.",
        StatusCodes.Status405MethodNotAllowed => "The method is not allowed.",
        StatusCodes.Status409Conflict => "The part cannot be touched.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body is not JSON.",
        _ => "The request is not valid.",
    };

    public static AdminRefusal BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    /// <summary>What was given, short enough for a message.</summary>
    public static string Shown(string given) => given.Length <= MostShown ? $"'{given}'" : $"'{given[..MostShown]}...'";

    public ProblemDetails ToProblem() => new() { Status = Status, Title = Title, Detail = Detail };
}
