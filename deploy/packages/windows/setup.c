/* What the MSI does that no table of it can: it checks the properties that somebody gave, closes the folder of the data to
   others, and writes the token. actions.tsv calls these functions. */
#define UNICODE
#include <windows.h>
#include <aclapi.h>
#include <msiquery.h>
#include <sddl.h>
#include <stdio.h>
#include <wchar.h>

#define LENGTH 2048
#define KEPT 16

/* SYSTEM, Administrators, and NT SERVICE\gracewatch, whose SID is made of a digest of that name. What is made in the folder
   inherits this; the service reads the token, and does not write it. */
#define SERVICE L"S-1-5-80-3973331206-2452110117-3742346456-608130202-2203441593"
#define FOLDER_ACCESS L"O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;" SERVICE L")"
#define TOKEN_ACCESS L"O:BAD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;" SERVICE L")"

/* Shows and logs an error, which ends the installation. */
static UINT fail(MSIHANDLE session, const WCHAR *text) {
    MSIHANDLE record = MsiCreateRecord(1);
    MsiRecordSetStringW(record, 0, L"[1]");
    MsiRecordSetStringW(record, 1, text);
    MsiProcessMessage(session, INSTALLMESSAGE_ERROR, record);
    MsiCloseHandle(record);
    return ERROR_INSTALL_FAILURE;
}

/* Reads a property; what is too long is empty, and the result false. */
static BOOL get(MSIHANDLE session, const WCHAR *name, WCHAR *value) {
    DWORD length = LENGTH;
    value[0] = 0;
    if (MsiGetPropertyW(session, name, value, &length) == ERROR_SUCCESS) return TRUE;
    value[0] = 0;
    return FALSE;
}

/* Reads a property that was given now, or else to an earlier installation, and remembers it. */
static BOOL get_kept(MSIHANDLE session, const WCHAR *name, WCHAR *value) {
    WCHAR saved[KEPT];
    if (!get(session, name, value)) return FALSE;
    if (value[0]) return TRUE;
    swprintf(saved, KEPT, L"SAVED_%ls", name);
    if (!get(session, saved, value)) return FALSE;
    MsiSetPropertyW(session, name, value);
    return TRUE;
}

/* Whether a text has visible ASCII alone and no quotation mark, so that it is one word of a command line. */
static BOOL is_word(const WCHAR *text) {
    for (; *text; text++)
        if (*text <= L' ' || *text > L'~' || *text == L'"') return FALSE;
    return TRUE;
}

/* Whether a text is a whole path without what would end a quoted word. */
static BOOL is_path(const WCHAR *text) {
    size_t length = wcslen(text);
    if (wcspbrk(text, L"\"<>|*?") || length < 4 || text[length - 1] == L'\\') return FALSE;
    return (text[1] == L':' && text[2] == L'\\') || (text[0] == L'\\' && text[1] == L'\\');
}

/* Divides ADDRESS:PORT; false where it is none. An address of IPv6 is in brackets. */
static BOOL split(const WCHAR *listen, WCHAR *address, long *port) {
    const WCHAR *colon = wcsrchr(listen, L':');
    WCHAR *end;
    if (!colon || colon == listen || colon[1] < L'0' || colon[1] > L'9') return FALSE;
    *port = wcstol(colon + 1, &end, 10);
    if (*end || *port < 1 || *port > 65535) return FALSE;
    wcsncpy(address, listen, colon - listen);
    address[colon - listen] = 0;
    if (address[0] == L'[')
        return address[wcslen(address) - 1] == L']' && wcsspn(address, L"[]:.0123456789abcdefABCDEF") == wcslen(address);
    return wcsspn(address, L".0123456789") == wcslen(address);
}

/* Checks what was given and works out what follows from it. */
__declspec(dllexport) UINT WINAPI Prepare(MSIHANDLE session) {
    WCHAR mode[LENGTH], server[LENGTH], listen[LENGTH], config[LENGTH], token[LENGTH], address[LENGTH], text[2 * LENGTH];
    long port = 10688;
    BOOL is_read = get_kept(session, L"MODE", mode) && get_kept(session, L"SERVER", server)
        && get_kept(session, L"LISTEN", listen) && get_kept(session, L"CONFIG", config) && get(session, L"TOKEN", token);
    if (!is_read) return fail(session, L"A property is too long: 2047 characters are allowed.");

    if (!mode[0]) wcscpy(mode, server[0] ? L"agent" : L"server");
    BOOL is_agent = !wcscmp(mode, L"agent");
    if (!is_agent && wcscmp(mode, L"server")) return fail(session, L"MODE must be agent or server.");
    MsiSetPropertyW(session, L"MODE", mode);
    if (is_agent && !server[0] && !config[0])
        return fail(session, L"MODE=agent needs SERVER, such as SERVER=https://gracewatch.corp.example:10688.");
    if (!is_word(server)) return fail(session, L"SERVER must be an address such as https://gracewatch.corp.example:10688.");
    if (config[0] && !is_path(config)) return fail(session, L"CONFIG must be the whole path of a file.");
    if (token[0] && (wcslen(token) < 16 || wcslen(token) > 1024 || !is_word(token)))
        return fail(session, L"TOKEN must be the token alone, as `gracewatch token add` prints it.");
    wcscpy(address, L"[::]");
    if (listen[0] && !split(listen, address, &port))
        return fail(session, L"LISTEN must be an address and a port, such as 0.0.0.0:10688.");

    /* The page is on this machine, unless one address of it was named; nobody else reaches loopback. */
    BOOL is_any = !wcscmp(address, L"[::]") || !wcscmp(address, L"0.0.0.0");
    BOOL is_loopback = !wcsncmp(address, L"127.", 4) || !wcscmp(address, L"[::1]");
    if (!is_agent) {
        swprintf(text, LENGTH, L"http://%ls:%ld/", is_any ? L"localhost" : address, port);
        MsiSetPropertyW(session, L"PAGE", text);
        swprintf(text, LENGTH, L"%ld", port);
        if (!is_loopback) MsiSetPropertyW(session, L"FIREWALL_PORT", text);
    }
    return ERROR_SUCCESS;
}

static BOOL is_well_known(PSID sid, WELL_KNOWN_SID_TYPE type) {
    BYTE known[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof known;
    return CreateWellKnownSid(type, NULL, known, &size) && EqualSid(sid, known);
}

/* Whether it is the account that this runs as: SYSTEM again, except under Wine. */
static BOOL is_own(PSID sid) {
    BYTE user[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    DWORD size;
    HANDLE process;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &process)) return FALSE;
    BOOL is = GetTokenInformation(process, TokenUser, user, sizeof user, &size);
    CloseHandle(process);
    return is && EqualSid(sid, ((TOKEN_USER *)user)->User.Sid);
}

/* Whether a folder is a plain one that SYSTEM or Administrators own: everybody may make one in ProgramData beforehand. */
static BOOL is_trusted(WCHAR *folder) {
    DWORD attributes = GetFileAttributesW(folder);
    PSECURITY_DESCRIPTOR descriptor;
    PSID owner;
    if (attributes == INVALID_FILE_ATTRIBUTES || attributes & FILE_ATTRIBUTE_REPARSE_POINT) return FALSE;
    if (GetNamedSecurityInfoW(folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL,
                              &descriptor))
        return FALSE;
    BOOL is = is_well_known(owner, WinLocalSystemSid) || is_well_known(owner, WinBuiltinAdministratorsSid) || is_own(owner);
    LocalFree(descriptor);
    return is;
}

/* Closes the folder of the data to all others. Its data: the path. */
__declspec(dllexport) UINT WINAPI CloseFolder(MSIHANDLE session) {
    WCHAR folder[LENGTH];
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner;
    PACL access;
    BOOL is_there, is_default;
    if (!get(session, L"CustomActionData", folder) || !folder[0])
        return fail(session, L"The folder of the data is unknown.");
    if (folder[wcslen(folder) - 1] == L'\\') folder[wcslen(folder) - 1] = 0;
    if (!is_trusted(folder))
        return fail(session, L"ProgramData\\Gracewatch is a link or belongs to another account: look at it and remove it.");
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(FOLDER_ACCESS, SDDL_REVISION_1, &descriptor, NULL)
        || !GetSecurityDescriptorOwner(descriptor, &owner, &is_default)
        || !GetSecurityDescriptorDacl(descriptor, &is_there, &access, &is_default))
        return fail(session, L"The access of ProgramData\\Gracewatch cannot be described.");
    SECURITY_INFORMATION parts =
        OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    DWORD error = SetNamedSecurityInfoW(folder, SE_FILE_OBJECT, parts, owner, NULL, access, NULL);
    LocalFree(descriptor);
    return error ? fail(session, L"The access of ProgramData\\Gracewatch cannot be set.") : ERROR_SUCCESS;
}

/* Waits until the program has ended, a moment after its service has stopped: what is in use is not removed before the next
   restart. Its data: the path. */
__declspec(dllexport) UINT WINAPI AwaitEnd(MSIHANDLE session) {
    WCHAR program[LENGTH];
    get(session, L"CustomActionData", program);
    for (int attempt = 0; attempt < 100; attempt++) {
        HANDLE file = CreateFileW(program, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
        if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
        else if (GetLastError() == ERROR_SHARING_VIOLATION || GetLastError() == ERROR_ACCESS_DENIED) {
            Sleep(100);
            continue;
        }
        break;
    }
    return ERROR_SUCCESS;
}

/* Writes the token to a new file that has its access from the start. Its data: the path, a bar, the token. */
__declspec(dllexport) UINT WINAPI WriteToken(MSIHANDLE session) {
    WCHAR data[LENGTH], *bar;
    char token[LENGTH];
    DWORD written = 0;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, FALSE};
    if (!get(session, L"CustomActionData", data) || !(bar = wcschr(data, L'|')))
        return fail(session, L"The token is unknown.");
    *bar = 0;
    int length = WideCharToMultiByte(CP_ACP, 0, bar + 1, -1, token, LENGTH, NULL, NULL) - 1;
    if (length < 1
        || !ConvertStringSecurityDescriptorToSecurityDescriptorW(TOKEN_ACCESS, SDDL_REVISION_1,
                                                                 &attributes.lpSecurityDescriptor, NULL))
        return fail(session, L"The access of the token cannot be described.");
    DeleteFileW(data);
    HANDLE file = CreateFileW(data, GENERIC_WRITE, 0, &attributes, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    BOOL is_written = file != INVALID_HANDLE_VALUE && WriteFile(file, token, length, &written, NULL)
        && written == (DWORD)length;
    if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
    LocalFree(attributes.lpSecurityDescriptor);
    SecureZeroMemory(token, sizeof token);
    SecureZeroMemory(data, sizeof data);
    return is_written ? ERROR_SUCCESS : fail(session, L"The token cannot be written to ProgramData\\Gracewatch.");
}
