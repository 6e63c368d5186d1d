namespace BoundedMemory;

/// <content>Of limiters that refuse work under memory pressure (package BoundedMemory.Hosting).</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Requests for permits, <c>{request}</c>, by <see cref="AdmissionName"/> and <see cref="Outcome"/>: <c>admitted</c> or <c>refused</c>. Counter.</summary>
    public const string AdmissionRequests = "bounded_memory.admission.requests";

    /// <summary>Tag: name of the limiter.</summary>
    public const string AdmissionName = "admission.name";
}
