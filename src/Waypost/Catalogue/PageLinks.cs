using Microsoft.AspNetCore.WebUtilities;

namespace Waypost.Catalogue;

/// <summary>Links from page to page of an answer to GET.</summary>
static class PageLinks
{
    /// <summary>The same question, going on at a place.</summary>
    public static Link To(HttpContext http, string address, string rel, string token, string mediaType)
    {
        var query = http.Request.Query.Where(pair => pair.Key != "token").Append(new("token", token));
        return new Link(rel, QueryHelpers.AddQueryString(address, query), mediaType, Method: "GET");
    }
}
