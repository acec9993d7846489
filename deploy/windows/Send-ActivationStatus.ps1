#requires -Version 3.0

<#
.SYNOPSIS
Reports the activation of Windows and Office on this machine to Gracewatch.

.DESCRIPTION
Reads the classes of the licensing service by CIM, only the properties that Gracewatch has a use for, and sends them
as one report: to a server by HTTP, or as a file to its inbox. No product key is read, whole or in the firmware, and
no product ID or installation ID.

A report that the server cannot take now is kept in the folder "spool", and sent at a later run with the time at which
it was made. A report that arrives twice counts once.

It needs PowerShell 3.0 or later and no module. It changes nothing on the machine but its own files: in
%ProgramData%\Gracewatch when run as SYSTEM or elevated, else in %LocalAppData%\Gracewatch. The log is
collector.log there, which stays below 1 MB.

.PARAMETER Uri
Where the server is, such as https://gracewatch.corp.example. "/api/v1/status" is added to it.

.PARAMETER TokenFile
The file with the bearer token. Only SYSTEM and administrators should be able to read it. Without this parameter the
token is taken from the environment variable GRACEWATCH_TOKEN, or else from %ProgramData%\Gracewatch\token.

.PARAMETER Proxy
The HTTP proxy to use. Without it the proxy of the account that runs this is used. That of SYSTEM is seldom set.

.PARAMETER ProxyUseDefaultCredentials
Logs in with the proxy as the account that runs this. Without it no credentials are sent to a proxy.

.PARAMETER NoProxy
Connects directly.

.PARAMETER TimeoutSec
How many seconds each request may take.

.PARAMETER Folder
Writes the report to this folder, such as \\server\share\inbox, in place of sending it: as MACHINE.json, which has a
name that ends in .tmp until it is complete.

.PARAMETER Show
Prints what would be sent, and sends, keeps and logs nothing.

.PARAMETER Spread
Waits for a random time up to this before it begins, so that a fleet does not send all at once: seconds, or a number
with s, m or h. 12 hours at most.

.PARAMETER KmsEvents
For a KMS host: also sends its records of the requests of clients, which are the events 12290 of the log
"Key Management Service", and whether it started and published itself (12291 to 12294). They are not kept for later, since the log keeps them.

.PARAMETER EventDays
How many days back the events are read. More than the days between two runs, since those sent before count once.

.EXAMPLE
.\Send-ActivationStatus.ps1 -Show
Shows the report of this machine.

.EXAMPLE
.\Send-ActivationStatus.ps1 -Uri https://gracewatch.corp.example -Spread 30m
Sends the report at some time within half an hour.

.EXAMPLE
.\Send-ActivationStatus.ps1 -Folder \\server\share\inbox
Leaves the report in the inbox of the server.

.EXAMPLE
.\Send-ActivationStatus.ps1 -Uri https://gracewatch.corp.example -KmsEvents -EventDays 180
Run on a KMS host for the first time, to report all clients of half a year.

.NOTES
Exit codes
0  Everything was sent, written or shown.
1  The status could not be read, or something is wrong on this machine, such as a token that is missing.
2  The server refuses what was sent, or is no Gracewatch. It is not sent again; what the server says is printed.
3  The server could not be reached or failed. The report is kept for the next run.
#>
[CmdletBinding(DefaultParameterSetName = 'Uri')]
param(
    [Parameter(Mandatory = $true, Position = 0, ParameterSetName = 'Uri')]
    [ValidateNotNullOrEmpty()]
    [string] $Uri,

    [Parameter(ParameterSetName = 'Uri')]
    [string] $TokenFile,

    [Parameter(ParameterSetName = 'Uri')]
    [string] $Proxy,

    [Parameter(ParameterSetName = 'Uri')]
    [switch] $ProxyUseDefaultCredentials,

    [Parameter(ParameterSetName = 'Uri')]
    [switch] $NoProxy,

    [Parameter(ParameterSetName = 'Uri')]
    [ValidateRange(1, 600)]
    [int] $TimeoutSec = 60,

    [Parameter(Mandatory = $true, ParameterSetName = 'Folder')]
    [ValidateNotNullOrEmpty()]
    [string] $Folder,

    [Parameter(Mandatory = $true, ParameterSetName = 'Show')]
    [switch] $Show,

    [ValidatePattern('^\d{1,5}[smh]?$')]
    [string] $Spread = '0',

    [switch] $KmsEvents,

    [ValidateRange(1, 366)]
    [int] $EventDays = 3
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# What is sent of a KMS host. Both classes have it.
$HostProperties = @(
    'IsKeyManagementServiceMachine'
    'RequiredClientCount'
    'KeyManagementServiceCurrentCount'
    'KeyManagementServiceTotalRequests'
    'KeyManagementServiceFailedRequests'
    'KeyManagementServiceUnlicensedRequests'
    'KeyManagementServiceLicensedRequests'
    'KeyManagementServiceOOBGraceRequests'
    'KeyManagementServiceOOTGraceRequests'
    'KeyManagementServiceNonGenuineGraceRequests'
    'KeyManagementServiceNotificationRequests'
)

# What is sent of each product. Nothing that identifies a key belongs here beyond its last five characters:
# not ProductKeyID, not OfflineInstallationId.
$ProductProperties = @(
    'ID'
    'ApplicationID'
    'Name'
    'Description'
    'LicenseFamily'
    'LicenseIsAddon'
    'PartialProductKey'
    'ProductKeyChannel'
    'LicenseStatus'
    'LicenseStatusReason'
    'GracePeriodRemaining'
    'EvaluationEndDate'
    'TrustedTime'
    'VLActivationInterval'
    'VLRenewalInterval'
    'RemainingSkuReArmCount'
    'RemainingAppReArmCount'
    'KeyManagementServiceMachine'
    'KeyManagementServicePort'
    'DiscoveredKeyManagementServiceMachineName'
    'DiscoveredKeyManagementServiceMachinePort'
) + $HostProperties

# What is sent of the service. Not OA3xOriginalProductKey: that is a whole key.
$ServiceProperties = @(
    'Version'
    'ClientMachineID'
    'RemainingWindowsReArmCount'
    'KeyManagementServiceListeningPort'
    'KeyManagementServiceDnsPublishing'
) + $HostProperties

# The server takes 8 MiB as sent and 32 MiB inflated: below the first, a body is below both.
$MaxBody = 7 * 1024 * 1024

# How often a body is sent before the server counts as failed.
$Attempts = 4

$NoEvents = "There are no events of clients within $EventDays days: is this a KMS host?"

# How many reports are kept for later.
$MaxSpooled = 30

# The log and its predecessor together stay below 1 MB.
$MaxLog = 450 * 1024

# Set once it is known that they can be written to.
$StateFolder = ''
$LogFile = ''

# SYSTEM and Administrators, whose names differ from language to language.
$TrustedSids = @('S-1-5-18', 'S-1-5-32-544')

# -- Telling ---------------------------------------------------------------------------------------------------------

function Get-Stamp([string] $Format) {
    [DateTime]::UtcNow.ToString($Format, [Globalization.CultureInfo]::InvariantCulture)
}

# Text on one line and of bounded length, without what could steer a terminal.
function ConvertTo-Line([string] $Text) {
    $line = ($Text -replace '[\x00-\x1F\x7F-\x9F]+', ' ').Trim()
    if ($line.Length -gt 1500) { $line = $line.Substring(0, 1500) + ' ...' }
    $line
}

function Write-Log([string] $Text) {
    $line = ConvertTo-Line $Text
    Write-Verbose $line
    if (-not $LogFile) { return }
    try {
        $log = New-Object System.IO.FileInfo($LogFile)
        if ($log.Exists -and $log.Length -gt $MaxLog) {
            [IO.File]::Delete("$LogFile.old")
            [IO.File]::Move($LogFile, "$LogFile.old")
        }
        [IO.File]::AppendAllText($LogFile, ('{0} {1}{2}' -f (Get-Stamp "yyyy-MM-dd'T'HH:mm:ss'Z'"), $line, "`r`n"))
    } catch {
        Write-Verbose "The log cannot be written: $($_.Exception.Message)"
    }
}

function Write-Notice([string] $Text) {
    Write-Log "warning: $Text"
    Write-Warning (ConvertTo-Line $Text)
}

function Write-Fault([string] $Text) {
    Write-Log "error: $Text"
    Write-Error -Message (ConvertTo-Line $Text) -ErrorAction Continue
}

# The message of the exception at the bottom, which says what went wrong; those above say that something did.
function Get-Cause($Exception) {
    while ($null -ne $Exception.InnerException) { $Exception = $Exception.InnerException }
    $Exception.Message
}

# -- Files of our own ------------------------------------------------------------------------------------------------

function Test-Elevated {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object System.Security.Principal.WindowsPrincipal($identity)
    $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Invoke-Icacls([string[]] $Arguments) {
    # What a program writes to its standard error would otherwise end this script.
    $ErrorActionPreference = 'Continue'
    $said = & "$env:SystemRoot\System32\icacls.exe" $Arguments 2>&1 | ForEach-Object { "$_" }
    if ($LASTEXITCODE -ne 0) { throw "icacls $($Arguments -join ' '): $($said -join ' ')" }
}

# True for a folder that nobody but SYSTEM and administrators can have put there, or led elsewhere.
function Test-TrustedFolder([string] $Path) {
    $item = Get-Item -LiteralPath $Path -Force
    if (($item.Attributes -band [IO.FileAttributes]::ReparsePoint) -ne 0) { return $false }
    $owner = (Get-Acl -LiteralPath $Path).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
    $TrustedSids -contains $owner
}

# The folder for what must outlast a run; '' where there is none that can be used.
#
# Everybody may make folders in %ProgramData%, also one with the name of ours, or with a link in it. What runs as SYSTEM
# must not write there.
function Initialize-StateFolder {
    try {
        if (-not (Test-Elevated)) {
            $path = Join-Path $env:LOCALAPPDATA 'Gracewatch'
            [void][IO.Directory]::CreateDirectory((Join-Path $path 'spool'))
            return $path
        }
        $path = Join-Path $env:ProgramData 'Gracewatch'
        if (-not (Test-Path -LiteralPath $path)) {
            [void][IO.Directory]::CreateDirectory($path)
            Invoke-Icacls @($path, '/setowner', '*S-1-5-32-544', '/q')
        }
        if (-not (Test-TrustedFolder $path)) {
            Write-Notice "$path is a link, or belongs to neither SYSTEM nor Administrators: nothing is kept or logged"
            return ''
        }
        Invoke-Icacls @($path, '/inheritance:r', '/grant:r', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', '/q')
        $spool = Join-Path $path 'spool'
        if (-not (Test-Path -LiteralPath $spool)) {
            [void][IO.Directory]::CreateDirectory($spool)
            Invoke-Icacls @($spool, '/setowner', '*S-1-5-32-544', '/q')
        }
        if (-not (Test-TrustedFolder $spool)) {
            Write-Notice "$spool is a link, or belongs to neither SYSTEM nor Administrators: nothing is kept or logged"
            return ''
        }
        $path
    } catch {
        Write-Notice "Nothing can be kept or logged: $(Get-Cause $_.Exception)"
        ''
    }
}

# Writes a text so that nobody sees half of it under its name.
function Write-WholeFile([string] $Path, [string] $Text) {
    $unfinished = '{0}.{1}.tmp' -f $Path, [Guid]::NewGuid().ToString('N')
    try {
        [IO.File]::WriteAllText($unfinished, $Text, (New-Object System.Text.UTF8Encoding($false)))
        [IO.File]::Delete($Path)
        [IO.File]::Move($unfinished, $Path)
    } finally {
        try { [IO.File]::Delete($unfinished) } catch { Write-Log "left behind: $unfinished" }
    }
}

function Get-Spooled {
    if (-not $StateFolder) { return }
    $spool = Join-Path $StateFolder 'spool'
    Get-ChildItem -LiteralPath $spool -Filter 'status-*.json' -File | Sort-Object -Property Name
}

# Keeps a report for later, and no more of them than the newest few.
function Add-Spooled([string] $Json) {
    if (-not $StateFolder) { return }
    $name = 'status-{0}.json' -f (Get-Stamp "yyyyMMdd'T'HHmmss'Z'")
    Write-WholeFile (Join-Path (Join-Path $StateFolder 'spool') $name) $Json
    $kept = @(Get-Spooled)
    for ($index = 0; $index -lt $kept.Count - $MaxSpooled; $index++) {
        Remove-Item -LiteralPath $kept[$index].FullName -Force
        Write-Log "$($kept[$index].Name) was never sent and is dropped: there are newer reports"
    }
}

# -- Reading the status ----------------------------------------------------------------------------------------------

$HasCim = $null -ne (Get-Command -Name Get-CimInstance -ErrorAction SilentlyContinue)

# The names of the properties of a class; nothing where there is no such class.
function Get-PropertyName([string] $ClassName) {
    if (-not $HasCim) {
        $class = Get-WmiObject -Namespace 'root\cimv2' -List -Class $ClassName
        if ($null -ne $class) { $class.Properties | ForEach-Object { $_.Name } }
        return
    }
    try {
        $class = Get-CimClass -Namespace 'root/cimv2' -ClassName $ClassName -OperationTimeoutSec 120
    } catch {
        # By code, since the message is in the language of the system.
        $code = $_.Exception.PSObject.Properties['NativeErrorCode']
        $isMissing = $null -ne $code -and @('NotFound', 'InvalidClass') -contains "$($code.Value)"
        if ($isMissing -or $_.FullyQualifiedErrorId -match '0x80041002|0x80041010') { return }
        throw
    }
    $class.CimClassProperties | ForEach-Object { $_.Name }
}

# A value as it goes into JSON. Dates become text in UTC: ConvertTo-Json writes them in another way in each version.
function ConvertTo-Plain($Value) {
    if ($Value -is [string] -and $Value -match '^\d{14}\.\d{6}[-+]\d{3}$') {
        # A date as Get-WmiObject has it.
        $Value = [System.Management.ManagementDateTimeConverter]::ToDateTime($Value)
    }
    if ($Value -isnot [DateTime]) { return $Value }
    # 1601 is no date.
    if ($Value.Year -lt 1970) { return $null }
    $Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [Globalization.CultureInfo]::InvariantCulture)
}

# The objects of a class with those of the wanted properties that this version of Windows has: to ask for one that it
# has not would fail.
function Get-Selected([string] $ClassName, [string[]] $Wanted, [string] $Condition) {
    $known = @(Get-PropertyName $ClassName)
    $names = @($Wanted | Where-Object { $known -contains $_ })
    if ($names.Count -eq 0) {
        # Office has its own class only where a version is installed that needs it. Without any other the repository is
        # broken, and a report must not say that there are no products.
        if ($ClassName -like 'Office*') { return }
        throw "There is no class $ClassName"
    }
    $query = 'SELECT {0} FROM {1}' -f ($names -join ', '), $ClassName
    if ($Condition) { $query = "$query WHERE $Condition" }
    if ($HasCim) {
        $found = @(Get-CimInstance -Namespace 'root/cimv2' -Query $query -OperationTimeoutSec 300)
    } else {
        $found = @(Get-WmiObject -Namespace 'root\cimv2' -Query $query)
    }
    foreach ($instance in $found) {
        $object = [ordered]@{}
        foreach ($name in $names) { $object.Add($name, (ConvertTo-Plain $instance.$name)) }
        $object
    }
}

# The whole name of this machine where it has one, in lower case.
function Get-MachineName {
    $name = $env:COMPUTERNAME
    $domain = ''
    try {
        $system = @(Get-Selected 'Win32_ComputerSystem' @('DNSHostName', 'Domain', 'PartOfDomain') '')[0]
        # COMPUTERNAME ends after 15 characters.
        if ($system['DNSHostName']) { $name = $system['DNSHostName'] }
        # Else Domain is the name of a workgroup.
        if ($system['PartOfDomain']) { $domain = $system['Domain'] }
    } catch {
        Write-Log "The name of the domain is not known: $(Get-Cause $_.Exception)"
    }
    if (-not $domain) {
        try {
            $domain = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().DomainName
        } catch {
            Write-Log "The DNS suffix is not known: $(Get-Cause $_.Exception)"
        }
    }
    if ($domain) { $name = "$name.$domain" }
    $name.ToLowerInvariant()
}

# The report as JSON.
function Get-Report([string] $Machine) {
    $reportedAt = Get-Stamp "yyyy-MM-dd'T'HH:mm:ss'Z'"
    $isComplete = $true
    $faults = @()
    $products = New-Object System.Collections.ArrayList
    # The second class has what Office 2010 and, on Windows 7, Office 2013 say.
    foreach ($className in @('SoftwareLicensingProduct', 'OfficeSoftwareProtectionProduct')) {
        try {
            foreach ($product in @(Get-Selected $className $ProductProperties 'PartialProductKey IS NOT NULL')) {
                [void]$products.Add($product)
            }
        } catch {
            $isComplete = $false
            $faults += '{0}: {1}' -f $className, (Get-Cause $_.Exception)
        }
    }
    $service = $null
    try {
        $found = @(Get-Selected 'SoftwareLicensingService' $ServiceProperties '')
        if ($found.Count -gt 0) { $service = $found[0] }
    } catch {
        $faults += 'SoftwareLicensingService: {0}' -f (Get-Cause $_.Exception)
    }
    if ($products.Count -eq 0 -and $null -eq $service) {
        throw "The licensing service cannot be read: $($faults -join '; ')"
    }
    if ($faults.Count -gt 0) { Write-Notice "Not everything could be read: $($faults -join '; ')" }
    $report = [ordered]@{}
    $report.Add('machine', $Machine)
    $report.Add('reported_at', $reportedAt)
    $report.Add('complete', $isComplete)
    # Added by a method, so that one product stays a list and the list is not wrapped: Windows PowerShell would write
    # it as an object with "value" and "Count".
    $report.Add('products', $products.ToArray())
    $report.Add('service', $service)
    ConvertTo-Json -InputObject $report -Depth 4 -Compress
}

# The events of a KMS host as XML, in as many texts as are needed for each to be short enough. Read without wevtutil,
# whose output would pass through the code page of the console.
function Get-KmsEvent {
    $milliseconds = [long]$EventDays * 24 * 60 * 60 * 1000
    $filter = "*[System[(EventID >= 12290 and EventID <= 12294) and TimeCreated[timediff(@SystemTime) <= $milliseconds]]]"
    $logName = [System.Diagnostics.Eventing.Reader.PathType]::LogName
    $query = New-Object System.Diagnostics.Eventing.Reader.EventLogQuery('Key Management Service', $logName, $filter)
    $reader = New-Object System.Diagnostics.Eventing.Reader.EventLogReader($query)
    try {
        $text = New-Object System.Text.StringBuilder
        $length = 0
        while ($null -ne ($record = $reader.ReadEvent())) {
            try { $xml = $record.ToXml() } finally { $record.Dispose() }
            $added = [Text.Encoding]::UTF8.GetByteCount($xml) + 1
            if ($length -gt 0 -and $length + $added -gt $MaxBody) {
                "<Events>`n$($text.ToString())</Events>"
                [void]$text.Remove(0, $text.Length)
                $length = 0
            }
            [void]$text.Append($xml).Append("`n")
            $length += $added
        }
        if ($length -gt 0) { "<Events>`n$($text.ToString())</Events>" }
    } finally {
        $reader.Dispose()
    }
}

# -- Sending ---------------------------------------------------------------------------------------------------------

# Reports everybody else who may read the token.
function Test-TokenFile([string] $Path) {
    $rules = (Get-Acl -LiteralPath $Path).GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])
    $allowed = @($rules | Where-Object { $_.AccessControlType -eq 'Allow' })
    $allowed = @($allowed | ForEach-Object { $_.IdentityReference.Value })
    $others = @($allowed | Where-Object { $TrustedSids -notcontains $_ } | Sort-Object -Unique)
    if ($others.Count -gt 0) {
        Write-Notice "$Path should be for SYSTEM and Administrators alone, and is for $($others -join ', ') as well"
    }
}

function Get-Token {
    if (-not $TokenFile -and $env:GRACEWATCH_TOKEN) {
        $origin = 'the environment variable GRACEWATCH_TOKEN'
        $token = $env:GRACEWATCH_TOKEN
    } else {
        $origin = $TokenFile
        if (-not $origin) { $origin = Join-Path (Join-Path $env:ProgramData 'Gracewatch') 'token' }
        $origin = Get-FullPath $origin
        if (-not [IO.File]::Exists($origin)) {
            throw "There is no token: no file $origin that this account may see, and no variable GRACEWATCH_TOKEN"
        }
        try {
            Test-TokenFile $origin
        } catch {
            Write-Notice "Who may read $origin is not known: $(Get-Cause $_.Exception)"
        }
        $token = [IO.File]::ReadAllText($origin)
    }
    $token = $token.Trim()
    if ($token -notmatch '^[\x21-\x7E]{1,1024}$') { throw "There is no token in $origin, or more than one line" }
    $token
}

# .NET takes relative paths from another folder than PowerShell does.
function Get-FullPath([string] $Path) {
    if ([IO.Path]::IsPathRooted($Path)) { return $Path }
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

# The address to send to.
function Get-Endpoint {
    $base = $null
    $isServer = [System.Uri]::TryCreate($Uri, [System.UriKind]::Absolute, [ref] $base)
    $isServer = $isServer -and @('http', 'https') -contains $base.Scheme
    if (-not $isServer -or $base.UserInfo -or $base.Query -or $base.Fragment) {
        throw '-Uri takes the address of the server alone, such as https://gracewatch.corp.example'
    }
    if ($base.Scheme -eq 'http' -and -not $base.IsLoopback) { Write-Log 'The token is sent unencrypted: use https' }
    New-Object System.Uri($base.AbsoluteUri.TrimEnd('/') + '/api/v1/status')
}

function ConvertTo-Gzip([string] $Text) {
    $bytes = [Text.Encoding]::UTF8.GetBytes($Text)
    $memory = New-Object System.IO.MemoryStream
    $compress = [System.IO.Compression.CompressionMode]::Compress
    $gzip = New-Object System.IO.Compression.GZipStream($memory, $compress, $true)
    try { $gzip.Write($bytes, 0, $bytes.Length) } finally { $gzip.Dispose() }
    # The comma keeps the bytes together.
    , $memory.ToArray()
}

# The beginning of what the server says.
function Read-Answer($Response) {
    $reader = New-Object System.IO.StreamReader($Response.GetResponseStream(), [Text.Encoding]::UTF8)
    try {
        $buffer = New-Object 'char[]' 4096
        $length = $reader.ReadBlock($buffer, 0, $buffer.Length)
        New-Object System.String($buffer, 0, $length)
    } finally {
        $reader.Dispose()
    }
}

function New-Request {
    $request = [System.Net.WebRequest]::Create($Endpoint)
    $request.Method = 'POST'
    $request.UserAgent = 'Gracewatch-Collector'
    $request.Accept = 'application/json'
    $request.Timeout = $TimeoutSec * 1000
    $request.ReadWriteTimeout = $TimeoutSec * 1000
    # The token is for this address alone.
    $request.AllowAutoRedirect = $false
    $request.Headers.Add('Authorization', "Bearer $Token")
    if ($NoProxy) {
        $request.Proxy = $null
    } elseif ($Proxy -or $ProxyUseDefaultCredentials) {
        if ($Proxy) {
            $gateway = New-Object System.Net.WebProxy($Proxy)
        } else {
            $gateway = [System.Net.WebRequest]::GetSystemWebProxy()
        }
        if ($ProxyUseDefaultCredentials) { $gateway.Credentials = [System.Net.CredentialCache]::DefaultCredentials }
        $request.Proxy = $gateway
    }
    $request
}

# Sends a body once. Status is 0 where there was no answer, and Text then says why.
function Send-Once([byte[]] $Body, [string] $ContentType) {
    $answer = @{ Status = 0; Text = ''; RetryAfter = 0 }
    $response = $null
    try {
        $request = New-Request
        $request.ContentType = $ContentType
        $request.Headers.Add('Content-Encoding', 'gzip')
        $request.ContentLength = $Body.Length
        $stream = $request.GetRequestStream()
        try { $stream.Write($Body, 0, $Body.Length) } finally { $stream.Dispose() }
        $response = $request.GetResponse()
    } catch {
        $answer.Text = Get-Cause $_.Exception
        # An answer that is an error comes as an exception, which PowerShell wraps in another.
        $exception = $_.Exception
        while ($null -ne $exception -and $exception -isnot [System.Net.WebException]) {
            $exception = $exception.InnerException
        }
        if ($null -ne $exception) { $response = $exception.Response }
    }
    if ($null -ne $response) {
        try {
            $answer.Status = [int]$response.StatusCode
            $seconds = 0
            $isNumber = [int]::TryParse([string]$response.Headers['Retry-After'], [ref] $seconds)
            if ($isNumber) { $answer.RetryAfter = $seconds }
            $answer.Text = Read-Answer $response
        } catch {
            $answer.Text = Get-Cause $_.Exception
        } finally {
            $response.Close()
        }
    }
    $answer
}

# Sends a text, more than once where need be. What became of it: 'sent', 'refused' or 'failed'.
function Send-Text([string] $Text, [string] $ContentType, [string] $What) {
    $body = [byte[]](ConvertTo-Gzip $Text)
    for ($attempt = 1; $true; $attempt++) {
        $answer = Send-Once $body $ContentType
        $status = $answer.Status
        if ($status -eq 202) {
            Write-Log "$What sent: $($answer.Text)"
            return 'sent'
        }
        if ($status -eq 0) { $reason = "no answer from ${Endpoint}: $($answer.Text)" }
        else { $reason = "$Endpoint answers ${status}: $($answer.Text)" }
        if ($status -ne 0 -and $status -lt 500 -and @(408, 429) -notcontains $status) {
            Write-Fault "$What refused: $reason"
            return 'refused'
        }
        if ($attempt -ge $Attempts) {
            Write-Fault "$What not sent: $reason"
            return 'failed'
        }
        # 5, 15, 45 seconds, or what the server asks for, and half as much more or less, so that a fleet that failed
        # together does not come back together.
        $seconds = [Math]::Max(5 * [Math]::Pow(3, $attempt - 1), [Math]::Min($answer.RetryAfter, 120))
        Write-Log "$What not sent, trying again: $reason"
        Start-Sleep -Milliseconds ([int]($seconds * (Get-Random -Minimum 500 -Maximum 1500)))
    }
}

# Sends the report, then what was kept of earlier runs, then the events. The exit code.
function Send-All([string] $Json) {
    switch (Send-Text $Json 'application/json; charset=utf-8' 'The report was') {
        'refused' { return 2 }
        'failed' {
            Add-Spooled $Json
            return 3
        }
    }
    $code = 0
    foreach ($file in @(Get-Spooled)) {
        $kept = [IO.File]::ReadAllText($file.FullName)
        switch (Send-Text $kept 'application/json; charset=utf-8' "$($file.Name) was") {
            'refused' { $code = 2 }
            'failed' { return 3 }
        }
        # Also where it is refused: the server took the report just now, so that the fault is in this one and stays.
        Remove-Item -LiteralPath $file.FullName -Force
    }
    if (-not $KmsEvents) { return $code }
    $count = 0
    foreach ($xml in @(Get-KmsEvent)) {
        $count++
        switch (Send-Text $xml 'application/xml; charset=utf-8' "Part $count of the events was") {
            'refused' { return 2 }
            'failed' { return 3 }
        }
    }
    if ($count -eq 0) { Write-Notice $NoEvents }
    $code
}

# Writes the report and the events to the folder. The exit code.
function Write-All([string] $Machine, [string] $Json) {
    $target = Get-FullPath $Folder
    $files = New-Object System.Collections.ArrayList
    [void]$files.Add(@("$Machine.json", $Json))
    if ($KmsEvents) {
        # No name of a machine: each event says whom it is about.
        foreach ($xml in @(Get-KmsEvent)) { [void]$files.Add(@("$Machine+events-$($files.Count).xml", $xml)) }
        if ($files.Count -eq 1) { Write-Notice $NoEvents }
    }
    foreach ($file in $files) {
        for ($attempt = 1; $true; $attempt++) {
            try {
                Write-WholeFile (Join-Path $target $file[0]) $file[1]
                Write-Log "written: $($file[0])"
                break
            } catch {
                $reason = "$($file[0]) cannot be written to ${target}: $(Get-Cause $_.Exception)"
                if ($attempt -ge $Attempts) {
                    # Nothing is kept: the next report takes the place of this one anyway.
                    Write-Fault $reason
                    return 3
                }
                Write-Log "trying again: $reason"
                $seconds = 5 * [Math]::Pow(3, $attempt - 1)
                Start-Sleep -Milliseconds ([int]($seconds * (Get-Random -Minimum 500 -Maximum 1500)))
            }
        }
    }
    0
}

# -- The run ---------------------------------------------------------------------------------------------------------

function Get-SpreadSecond {
    $number = [int]($Spread -replace '[smh]$', '')
    if ($Spread -match 'm$') { $number *= 60 } elseif ($Spread -match 'h$') { $number *= 3600 }
    if ($number -gt 43200) { throw '-Spread takes 12 hours at most' }
    $number
}

# Windows PowerShell on old systems offers nothing newer than TLS 1.0. Where .NET leaves it to the system it is let be.
function Enable-Tls12 {
    try {
        if ([int][System.Net.ServicePointManager]::SecurityProtocol -ne 0) {
            [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.SecurityProtocolType]3072
        }
    } catch {
        Write-Notice 'This version of .NET knows no TLS 1.2: version 4.5 or later is needed for https'
    }
    [System.Net.ServicePointManager]::Expect100Continue = $false
}

$exitCode = 1
try {
    if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
        throw 'A policy of this machine runs scripts in constrained language mode: allow or sign this one'
    }
    if ($PSCmdlet.ParameterSetName -ne 'Show') {
        $StateFolder = Initialize-StateFolder
        if ($StateFolder) { $LogFile = Join-Path $StateFolder 'collector.log' }
    }
    if ($PSCmdlet.ParameterSetName -eq 'Uri') {
        Enable-Tls12
        $Endpoint = Get-Endpoint
        $Token = Get-Token
    }
    $spreadSeconds = Get-SpreadSecond
    if ($spreadSeconds -gt 0 -and -not $Show) { Start-Sleep -Seconds (Get-Random -Maximum ($spreadSeconds + 1)) }
    $machine = Get-MachineName
    $json = Get-Report $machine
    switch ($PSCmdlet.ParameterSetName) {
        'Uri' { $exitCode = Send-All $json }
        'Folder' { $exitCode = Write-All $machine $json }
        'Show' {
            Write-Output $json
            if ($KmsEvents) { Get-KmsEvent | Write-Output }
            $exitCode = 0
        }
    }
} catch {
    Write-Fault "$(Get-Cause $_.Exception) (line $($_.InvocationInfo.ScriptLineNumber))"
}
exit $exitCode
