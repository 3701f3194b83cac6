using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Waypost.Access;

namespace Waypost.Delivery;

/// <summary>What a call may cost.</summary>
/// <param name="Within">From the first byte sent to the last one read.</param>
/// <param name="MostBytes">How much of the answer is kept; the rest is not read.</param>
public sealed record OutboundLimits(TimeSpan Within, int MostBytes);

/// <summary>What a download may cost.</summary>
/// <param name="MostBytes">A larger file is refused, as soon as its size is known.</param>
/// <param name="Within">From the first byte sent to the last one read.</param>
/// <param name="Stall">Without a byte for this long it has failed.</param>
public sealed record DownloadLimits(long MostBytes, TimeSpan Within, TimeSpan Stall);

/// <summary>What was answered.</summary>
/// <param name="Status">The HTTP status, 300 to 399 included: redirects are not followed.</param>
/// <param name="Body">The beginning of the body, up to the limit.</param>
/// <param name="ContentType">The media type that was stated.</param>
/// <param name="RetryAfter">How long the other side asked to be left alone.</param>
/// <param name="Took">How long it took.</param>
public sealed record OutboundReply(
    int Status, byte[] Body, string? ContentType, TimeSpan? RetryAfter, TimeSpan Took);

/// <summary>What was downloaded.</summary>
/// <param name="Bytes">How many bytes.</param>
/// <param name="ContentType">The media type that was stated.</param>
/// <param name="ETag">The version that was stated, quotes included.</param>
public sealed record Downloaded(long Bytes, string? ContentType, string? ETag);

/// <summary>The other side did not answer as HTTP should: unreachable, too slow, cut off, a wrong status.</summary>
/// <param name="sentence">What happened, for a person.</param>
/// <param name="transient">True when the same call may succeed later.</param>
/// <param name="inner">What the network said.</param>
public sealed class OutboundFailedException(string sentence, bool transient, Exception? inner = null)
    : Exception(sentence, inner)
{
    /// <summary>True when the same call may succeed later.</summary>
    public bool Transient { get; } = transient;
}

/// <summary>Every call that this server makes on behalf of somebody goes through here.</summary>
/// <remarks>
/// Public addresses, or those the operator allows: checked on what the name resolves to at the moment of connecting, so
/// that a name cannot change its mind in between. No redirect to elsewhere, no proxy from the environment, no cookies:
/// a credential in a request's headers reaches the origin it was written for and nobody else.
/// </remarks>
public sealed class Outbound : IDisposable
{
    static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LookUpAgain = TimeSpan.FromMinutes(2);
    const int MostRedirects = 5;
    const int Chunk = 128 * 1024;

    readonly OutboundRules rules;
    readonly TimeProvider clock;
    readonly HttpClient http;

    /// <summary>Makes the one way out.</summary>
    public Outbound(OutboundSettings settings, TimeProvider clock)
    {
        rules = new OutboundRules(settings);
        this.clock = clock;
        http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = Connect,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PreAuthenticate = false,
            ConnectTimeout = ConnectWithin,
            PooledConnectionLifetime = LookUpAgain,
            MaxResponseHeadersLength = 32,
            MaxConnectionsPerServer = 32,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Waypost/" + typeof(Outbound).Assembly.GetName()
            .Version?.ToString(3));
    }

    /// <summary>Refuses an address that can be seen to be wrong now; what its name resolves to counts at
    /// connect.</summary>
    /// <exception cref="Refused">OUTBOUND_REFUSED, with the rule and the setting to change.</exception>
    public void Check(Uri uri) => rules.Check(uri);

    /// <summary>Resolves the address and refuses it if it may not be called; a name unknown now is let
    /// through.</summary>
    /// <exception cref="Refused">OUTBOUND_REFUSED, with the rule and the setting to change.</exception>
    public async Task CheckResolved(Uri uri, CancellationToken ct)
    {
        rules.Check(uri);
        using var soon = Deadline(ConnectWithin, ct);
        try
        {
            await rules.Resolve(uri.IdnHost, uri.Port, soon.Token);
        }
        catch (Exception unknown) when (unknown is SocketException || Expired(unknown, ct))
        {
            // It may exist later; connecting checks it then.
        }
    }

    /// <summary>Sends a request and reads the beginning of its answer.</summary>
    /// <exception cref="Refused">OUTBOUND_REFUSED.</exception>
    /// <exception cref="OutboundFailedException">There was no answer within the limits.</exception>
    public async Task<OutboundReply> Send(HttpRequestMessage request, OutboundLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(limits);
        rules.Check(request.RequestUri!);
        var began = clock.GetTimestamp();
        using var within = Deadline(limits.Within, ct);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, within.Token);
            await using var body = await response.Content.ReadAsStreamAsync(within.Token);
            var kept = new byte[limits.MostBytes];
            var length = await ReadBeginning(body, kept, request.RequestUri!, within.Token);
            return new OutboundReply(
                (int)response.StatusCode, kept[..length], response.Content.Headers.ContentType?.ToString(),
                RetryAfter(response), clock.GetElapsedTime(began));
        }
        catch (Exception failure) when (Means(failure, request.RequestUri!, limits.Within, ct) is { } meaning)
        {
            throw meaning;
        }
    }

    /// <summary>Writes the file at an address into a stream; redirects are followed within its origin.</summary>
    /// <exception cref="Refused">OUTBOUND_REFUSED, or OUTBOUND_TOO_LARGE.</exception>
    /// <exception cref="OutboundFailedException">It did not come whole within the limits.</exception>
    public async Task<Downloaded> Download(
        Uri uri, Stream into, DownloadLimits limits, IProgress<(long Done, long? Total)>? progress,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(limits);
        using var within = Deadline(limits.Within, ct);
        try
        {
            using var response = await Follow(uri, within.Token);
            var total = response.Content.Headers.ContentLength;
            if (total > limits.MostBytes) throw TooLarge(uri, limits);
            var bytes = await Copy(response, into, uri, limits, progress, within);
            if (total is { } stated && stated != bytes)
                throw new OutboundFailedException($"{uri.Host} announced {stated} bytes and sent {bytes}.", true);
            return new Downloaded(
                bytes, response.Content.Headers.ContentType?.ToString(), response.Headers.ETag?.ToString());
        }
        catch (Exception failure) when (Means(failure, uri, limits.Within, ct) is { } meaning)
        {
            throw meaning;
        }
    }

    /// <summary>Asks for something public, without credentials, and returns the beginning of the answer, whatever its
    /// status; its body is still to be read. Redirects are followed to any address that may be called.</summary>
    /// <param name="uri">Where.</param>
    /// <param name="write">Writes the headers of each request.</param>
    /// <param name="within">Until the answer begins.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="Refused">OUTBOUND_REFUSED.</exception>
    /// <exception cref="OutboundFailedException">There was no answer.</exception>
    public async Task<HttpResponseMessage> Ask(
        Uri uri, Action<HttpRequestHeaders> write, TimeSpan within, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var deadline = Deadline(within, ct);
        try
        {
            for (var (at, hops) = (uri, 0); ; hops++)
            {
                rules.Check(at);
                using var request = new HttpRequestMessage(HttpMethod.Get, at);
                write(request.Headers);
                var response = await http.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)
                    || response.Headers.Location is not { } location
                    || !Uri.TryCreate(at, location, out var target))
                    return response;
                response.Dispose();
                if (hops == MostRedirects)
                    throw new OutboundFailedException($"{at.Host} redirects in circles.", false);
                at = target;
            }
        }
        catch (Exception failure) when (Means(failure, uri, within, ct) is { } meaning)
        {
            throw meaning;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    async Task<HttpResponseMessage> Follow(Uri uri, CancellationToken ct)
    {
        var at = uri;
        for (var hops = 0; ; hops++)
        {
            rules.Check(at);
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (response.StatusCode == HttpStatusCode.OK) return response;

            var status = (int)response.StatusCode;
            var location = response.Headers.Location;
            response.Dispose();
            if (status is < 300 or > 399 || location is null || !Uri.TryCreate(at, location, out var target))
                throw new OutboundFailedException(
                    $"{at.Host} answered {status} instead of the file.", status is 408 or 425 or 429 or >= 500);
            if (target.GetLeftPart(UriPartial.Authority) != at.GetLeftPart(UriPartial.Authority))
                throw Refused.Bad(OutboundRules.Code,
                    $"{at.Host} sends us on to {target.GetLeftPart(UriPartial.Authority)}, another origin, which is "
                    + "not followed.",
                    "Give the final address itself.");
            if (hops == MostRedirects)
                throw new OutboundFailedException($"{at.Host} redirects in circles.", false);
            at = target;
        }
    }

    static async Task<long> Copy(
        HttpResponseMessage response, Stream into, Uri uri, DownloadLimits limits,
        IProgress<(long Done, long? Total)>? progress, CancellationTokenSource within)
    {
        await using var body = await response.Content.ReadAsStreamAsync(within.Token);
        var buffer = new byte[Chunk];
        var done = 0L;
        while (true)
        {
            using var stall = Deadline(limits.Stall, within.Token);
            int read;
            try
            {
                read = await body.ReadAsync(buffer, stall.Token);
            }
            catch (OperationCanceledException stalled) when (!within.IsCancellationRequested)
            {
                throw new OutboundFailedException(
                    $"{uri.Host} sent nothing for {limits.Stall.TotalSeconds:0} s.", true, stalled);
            }
            catch (IOException cut)
            {
                // Here and not for the whole download: what the disk says of writing is not the other side's doing.
                throw BrokeOff(uri, cut);
            }
            if (read == 0) return done;
            done += read;
            if (done > limits.MostBytes) throw TooLarge(uri, limits);
            await into.WriteAsync(buffer.AsMemory(0, read), within.Token);
            progress?.Report((done, response.Content.Headers.ContentLength));
        }
    }

    static async Task<int> ReadBeginning(Stream body, byte[] into, Uri uri, CancellationToken ct)
    {
        try
        {
            return await body.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false, ct);
        }
        catch (IOException cut)
        {
            throw BrokeOff(uri, cut);
        }
    }

    // A connection under TLS that is cut says so with a bare IOException, as no other does.
    static OutboundFailedException BrokeOff(Uri uri, IOException cut) =>
        new($"{uri.Host} broke off in the middle of its answer: {cut.Message}", true, cut);

    async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var addresses = await rules.Resolve(context.DnsEndPoint.Host, context.DnsEndPoint.Port, ct);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > clock.GetUtcNow() => date - clock.GetUtcNow(),
        _ => null,
    };

    static CancellationTokenSource Deadline(TimeSpan within, CancellationToken ct)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(within);
        return deadline;
    }

    static bool Expired(Exception failure, CancellationToken ct) =>
        failure is OperationCanceledException && !ct.IsCancellationRequested;

    // The rule's refusal comes wrapped from the connect; a deadline looks like a cancellation.
    static Exception? Means(Exception failure, Uri uri, TimeSpan within, CancellationToken ct) => failure switch
    {
        HttpRequestException { InnerException: Refused refused } => refused,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } tls =>
            new OutboundFailedException(
            $"No secure connection to {uri.Host}: {tls.InnerException?.Message ?? tls.Message}", false, tls),
        HttpRequestException or HttpIOException or SocketException or IOException { InnerException: SocketException } =>
            new OutboundFailedException(
            $"{uri.Host} could not be reached: {(failure.InnerException ?? failure).Message}", true, failure),
        OperationCanceledException when Expired(failure, ct) => new OutboundFailedException(
            $"{uri.Host} did not answer within {within.TotalSeconds:0} s.", true, failure),
        _ => null,
    };

    static Refused TooLarge(Uri uri, DownloadLimits limits) => new(
        413, "OUTBOUND_TOO_LARGE", $"The file at {uri.Host} is larger than the {limits.MostBytes} bytes allowed.",
        "Give a smaller file, or have the operator raise the limit.");
}
